BEGIN TRANSACTION;
CREATE TABLE accounts (
	id VARCHAR(40) NOT NULL, 
	channel VARCHAR(16) NOT NULL, 
	provider_id VARCHAR(64) NOT NULL, 
	name VARCHAR(120) NOT NULL, 
	agent_id VARCHAR(40) NOT NULL, 
	active BOOLEAN NOT NULL, 
	auto_response BOOLEAN NOT NULL, 
	activation INTEGER DEFAULT '0' NOT NULL, 
	emulated BOOLEAN NOT NULL, 
	max_bot_messages_per_hour INTEGER NOT NULL, 
	while_pending VARCHAR(16) NOT NULL, 
	shop JSON NOT NULL, 
	token BLOB, 
	secrets BLOB, 
	fault TEXT, 
	created_at BIGINT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(agent_id) REFERENCES agents (id), 
	UNIQUE (channel, provider_id)
);
INSERT INTO "accounts" VALUES('acc_fg5gkn02r4bett0kbqf4','whatsapp','100000000000001','Cantina','agt_9m272vkv5r4wwgs5m8tp',1,1,0,0,200,'assistant','{}',X'67414141414142724130676A4B52757276504B74574B3169324148465043686B5076726A4C4E47325843495066594741555653566162476B4153374A746770775168575367522D6D4D5F49615A633844436765306F6930704B35756A4C65733844513D3D',X'67414141414142724130676A6E3764725458577962505070693831596952786D687755795750627A57756D4767385F355176444D7952563534344F667333716B43744E5151544F33564C4E42476E667274784C796737365665774B755868305F4E673D3D',NULL,1772452800000000);
CREATE TABLE addresses (
	account_id VARCHAR(40) NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	value VARCHAR(200) NOT NULL, 
	contact_id VARCHAR(40) NOT NULL, 
	PRIMARY KEY (account_id, kind, value), 
	FOREIGN KEY(account_id) REFERENCES accounts (id), 
	FOREIGN KEY(contact_id) REFERENCES contacts (id)
);
INSERT INTO "addresses" VALUES('acc_fg5gkn02r4bett0kbqf4','phone','5511900000100','con_nsc4jpyhn90ykp47b4na');
INSERT INTO "addresses" VALUES('acc_fg5gkn02r4bett0kbqf4','phone','5511900000101','con_kk17ps23rhc8zane9r2g');
INSERT INTO "addresses" VALUES('acc_fg5gkn02r4bett0kbqf4','phone','5511900000102','con_cfhzsdf5wygmw0a7c7pa');
INSERT INTO "addresses" VALUES('acc_fg5gkn02r4bett0kbqf4','phone','5511900000103','con_c9tm3qrjh4n2ebtpnq4j');
INSERT INTO "addresses" VALUES('acc_fg5gkn02r4bett0kbqf4','phone','5511900000107','con_201jr1fsqt95qphy9b0v');
INSERT INTO "addresses" VALUES('acc_fg5gkn02r4bett0kbqf4','phone','5511900000108','con_7r3jy9cyq0xvsp8v66mp');
INSERT INTO "addresses" VALUES('acc_fg5gkn02r4bett0kbqf4','phone','5511900000112','con_fxegbddxvtwat879tawa');
INSERT INTO "addresses" VALUES('acc_fg5gkn02r4bett0kbqf4','phone','5511900000110','con_8a6qk00vqh778eswda1y');
INSERT INTO "addresses" VALUES('acc_fg5gkn02r4bett0kbqf4','phone','5511900000111','con_pgc2jwaj5bz4t2zc6mdy');
INSERT INTO "addresses" VALUES('acc_fg5gkn02r4bett0kbqf4','phone','5511900000109','con_ys5zwcyjseqd1yzcst3g');
INSERT INTO "addresses" VALUES('acc_fg5gkn02r4bett0kbqf4','phone','5511900000106','con_ghcw7gsmp8yfmrd34awx');
INSERT INTO "addresses" VALUES('acc_fg5gkn02r4bett0kbqf4','phone','5511900000105','con_aqhe3pqmjq94m4a855rh');
INSERT INTO "addresses" VALUES('acc_fg5gkn02r4bett0kbqf4','phone','5511900000104','con_nr8ewghegq2vjap3fwve');
CREATE TABLE agents (
	id VARCHAR(40) NOT NULL, 
	name VARCHAR(120) NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	activation INTEGER DEFAULT '0' NOT NULL, 
	created_at BIGINT NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (name)
);
INSERT INTO "agents" VALUES('agt_9m272vkv5r4wwgs5m8tp','assistant','active',0,1772452800000000);
INSERT INTO "agents" VALUES('agt_5rv56ya17ejp4t23bxtx','night shift','draft',0,1772452800000000);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE buttons (
	token VARCHAR(40) NOT NULL, 
	conversation_id VARCHAR(40) NOT NULL, 
	title TEXT NOT NULL, 
	payload TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY (token), 
	FOREIGN KEY(conversation_id) REFERENCES conversations (id)
);
INSERT INTO "buttons" VALUES('b_cxkgjbwch9bjxbb69j1t','cnv_v9640rq6s5hvv65pba7j','Sim','/affirm',1772452920000000);
CREATE TABLE contacts (
	id VARCHAR(40) NOT NULL, 
	account_id VARCHAR(40) NOT NULL, 
	name VARCHAR(200), 
	created_at BIGINT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(account_id) REFERENCES accounts (id)
);
INSERT INTO "contacts" VALUES('con_nsc4jpyhn90ykp47b4na','acc_fg5gkn02r4bett0kbqf4',NULL,1772452800000000);
INSERT INTO "contacts" VALUES('con_kk17ps23rhc8zane9r2g','acc_fg5gkn02r4bett0kbqf4',NULL,1772452800000000);
INSERT INTO "contacts" VALUES('con_cfhzsdf5wygmw0a7c7pa','acc_fg5gkn02r4bett0kbqf4',NULL,1772452800000000);
INSERT INTO "contacts" VALUES('con_c9tm3qrjh4n2ebtpnq4j','acc_fg5gkn02r4bett0kbqf4',NULL,1772452800000000);
INSERT INTO "contacts" VALUES('con_201jr1fsqt95qphy9b0v','acc_fg5gkn02r4bett0kbqf4',NULL,1772452800000000);
INSERT INTO "contacts" VALUES('con_7r3jy9cyq0xvsp8v66mp','acc_fg5gkn02r4bett0kbqf4',NULL,1772452800000000);
INSERT INTO "contacts" VALUES('con_fxegbddxvtwat879tawa','acc_fg5gkn02r4bett0kbqf4',NULL,1772452800000000);
INSERT INTO "contacts" VALUES('con_8a6qk00vqh778eswda1y','acc_fg5gkn02r4bett0kbqf4',NULL,1772452800000000);
INSERT INTO "contacts" VALUES('con_pgc2jwaj5bz4t2zc6mdy','acc_fg5gkn02r4bett0kbqf4',NULL,1772452920000000);
INSERT INTO "contacts" VALUES('con_ys5zwcyjseqd1yzcst3g','acc_fg5gkn02r4bett0kbqf4',NULL,1772452920000000);
INSERT INTO "contacts" VALUES('con_ghcw7gsmp8yfmrd34awx','acc_fg5gkn02r4bett0kbqf4',NULL,1772453920000000);
INSERT INTO "contacts" VALUES('con_aqhe3pqmjq94m4a855rh','acc_fg5gkn02r4bett0kbqf4',NULL,1772453920000000);
INSERT INTO "contacts" VALUES('con_nr8ewghegq2vjap3fwve','acc_fg5gkn02r4bett0kbqf4',NULL,1772453920000000);
CREATE TABLE conversations (
	id VARCHAR(40) NOT NULL, 
	account_id VARCHAR(40) NOT NULL, 
	contact_id VARCHAR(40) NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	owner VARCHAR(120), 
	ownership INTEGER DEFAULT '0' NOT NULL, 
	return_due BOOLEAN NOT NULL, 
	unread INTEGER DEFAULT '0' NOT NULL, 
	last_inbound_at BIGINT, 
	last_inbound_id VARCHAR(300), 
	created_at BIGINT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(account_id) REFERENCES accounts (id), 
	FOREIGN KEY(contact_id) REFERENCES contacts (id), 
	UNIQUE (contact_id)
);
INSERT INTO "conversations" VALUES('cnv_zkkr0meqqs324zfcj9mx','acc_fg5gkn02r4bett0kbqf4','con_nsc4jpyhn90ykp47b4na','bot',NULL,0,0,1,1772452800000000,'wamid.in.1',1772452800000000);
INSERT INTO "conversations" VALUES('cnv_feby2nfm9jvxv66da96g','acc_fg5gkn02r4bett0kbqf4','con_kk17ps23rhc8zane9r2g','pending',NULL,0,0,1,1772452800000000,'wamid.in.2',1772452800000000);
INSERT INTO "conversations" VALUES('cnv_3sbp69kgbng64c70d722','acc_fg5gkn02r4bett0kbqf4','con_cfhzsdf5wygmw0a7c7pa','human','maria',1,0,0,1772452800000000,'wamid.in.5',1772452800000000);
INSERT INTO "conversations" VALUES('cnv_2vkx77jecgcvcxe3tgt7','acc_fg5gkn02r4bett0kbqf4','con_c9tm3qrjh4n2ebtpnq4j','bot',NULL,2,1,0,1772452800000000,'wamid.in.4',1772452800000000);
INSERT INTO "conversations" VALUES('cnv_s5rtvyd7zkv28ynkwrkh','acc_fg5gkn02r4bett0kbqf4','con_201jr1fsqt95qphy9b0v','bot',NULL,0,0,1,1772452800000000,'wamid.in.6',1772452800000000);
INSERT INTO "conversations" VALUES('cnv_mj9jb9vgaqzvv5wzwqjz','acc_fg5gkn02r4bett0kbqf4','con_7r3jy9cyq0xvsp8v66mp','bot',NULL,0,0,1,1772452800000000,'wamid.in.7',1772452800000000);
INSERT INTO "conversations" VALUES('cnv_g1hz2vwcvwm6qczrym99','acc_fg5gkn02r4bett0kbqf4','con_fxegbddxvtwat879tawa','bot',NULL,0,0,1,1772452800000000,'wamid.in.8',1772452800000000);
INSERT INTO "conversations" VALUES('cnv_wxnjnbgm5kcn4sgm88ks','acc_fg5gkn02r4bett0kbqf4','con_8a6qk00vqh778eswda1y','bot',NULL,0,0,1,1772452800000000,'wamid.in.9',1772452800000000);
INSERT INTO "conversations" VALUES('cnv_k11xhpv94km289hpkwxq','acc_fg5gkn02r4bett0kbqf4','con_pgc2jwaj5bz4t2zc6mdy','bot',NULL,0,0,1,1772452920000000,'wamid.in.10',1772452920000000);
INSERT INTO "conversations" VALUES('cnv_v9640rq6s5hvv65pba7j','acc_fg5gkn02r4bett0kbqf4','con_ys5zwcyjseqd1yzcst3g','bot',NULL,0,0,1,1772452920000000,'wamid.in.11',1772452920000000);
INSERT INTO "conversations" VALUES('cnv_76zpg4p4c8ks97h39xz5','acc_fg5gkn02r4bett0kbqf4','con_ghcw7gsmp8yfmrd34awx','bot',NULL,0,0,1,1772453920000000,'wamid.in.12',1772453920000000);
INSERT INTO "conversations" VALUES('cnv_j4ra8mprtsfm8rwrhq0d','acc_fg5gkn02r4bett0kbqf4','con_aqhe3pqmjq94m4a855rh','bot',NULL,0,0,1,1772453920000000,'wamid.in.13',1772453920000000);
INSERT INTO "conversations" VALUES('cnv_q78x8mbs60yx16df4z8q','acc_fg5gkn02r4bett0kbqf4','con_nr8ewghegq2vjap3fwve','bot',NULL,0,0,2,1772453920000000,'wamid.in.15',1772453920000000);
CREATE TABLE dedup_keys (
	"key" BLOB NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "dedup_keys" VALUES(X'24471B0B78A95C376F16D3DCE1357BCD',1772452800000000);
INSERT INTO "dedup_keys" VALUES(X'F50DE72D9FF1D34141E4493E2FA914D2',1772452800000000);
INSERT INTO "dedup_keys" VALUES(X'9BC1ED98C5F5C5B5195B0078D011805B',1772452800000000);
INSERT INTO "dedup_keys" VALUES(X'4692421100C9CB4A545DCE5DA15D9ADB',1772452800000000);
INSERT INTO "dedup_keys" VALUES(X'E4337B04D1DAE7CFA789FAD8E223DF9A',1772452800000000);
INSERT INTO "dedup_keys" VALUES(X'07264DE93002D8028F32D80D8182E26F',1772452800000000);
INSERT INTO "dedup_keys" VALUES(X'01D4A7371C712943ACF74B7885190F66',1772452800000000);
INSERT INTO "dedup_keys" VALUES(X'FCA7ECF8DC0A3AB811313020F8F19EE4',1772452800000000);
INSERT INTO "dedup_keys" VALUES(X'3EE9F41C3701BC959B88B2A4466F1752',1772452800000000);
INSERT INTO "dedup_keys" VALUES(X'2FCAC54DDDFE1992F554A17192E9F602',1772452920000000);
INSERT INTO "dedup_keys" VALUES(X'0A54ED87549253A93DEA24152F0BD456',1772452920000000);
INSERT INTO "dedup_keys" VALUES(X'17F86E9D16A25CA91A5014979B0AA0C8',1772453920000000);
INSERT INTO "dedup_keys" VALUES(X'18EBDD06F1ACD0472B4B6AD859BCF09C',1772453920000000);
INSERT INTO "dedup_keys" VALUES(X'8C2C074CC3D118D7D02777D8959F3221',1772453920000000);
INSERT INTO "dedup_keys" VALUES(X'DA5607E15A59479F72A922760DB7EDAA',1772453920000000);
CREATE TABLE handovers (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	conversation_id VARCHAR(40) NOT NULL, 
	command VARCHAR(16) NOT NULL, 
	"by" VARCHAR(120) NOT NULL, 
	"before" VARCHAR(16) NOT NULL, 
	"after" VARCHAR(16) NOT NULL, 
	ownership INTEGER NOT NULL, 
	reason VARCHAR(200), 
	at BIGINT NOT NULL, 
	FOREIGN KEY(conversation_id) REFERENCES conversations (id)
);
INSERT INTO "handovers" VALUES(1,'cnv_feby2nfm9jvxv66da96g','request','assistant','bot','pending',0,'complaint',1772452800000000);
INSERT INTO "handovers" VALUES(2,'cnv_3sbp69kgbng64c70d722','take','maria','bot','human',1,NULL,1772452800000000);
INSERT INTO "handovers" VALUES(3,'cnv_2vkx77jecgcvcxe3tgt7','take','maria','bot','human',1,NULL,1772452800000000);
INSERT INTO "handovers" VALUES(4,'cnv_2vkx77jecgcvcxe3tgt7','release','maria','human','bot',2,NULL,1772452800000000);
CREATE TABLE leases (
	name VARCHAR(120) NOT NULL, 
	holder VARCHAR(80) NOT NULL, 
	number INTEGER NOT NULL, 
	expires_at BIGINT NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "leases" VALUES('dialogue','a/1',1,1772452815000000);
CREATE TABLE mailbox (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	conversation_id VARCHAR(40) NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	message_id INTEGER, 
	payload JSON NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	seen_by_person BOOLEAN NOT NULL, 
	attempts INTEGER DEFAULT '0' NOT NULL, 
	not_before BIGINT, 
	error TEXT, 
	arrived_at BIGINT NOT NULL, 
	done_at BIGINT, 
	FOREIGN KEY(conversation_id) REFERENCES conversations (id), 
	FOREIGN KEY(message_id) REFERENCES messages (id)
);
INSERT INTO "mailbox" VALUES(1,'cnv_zkkr0meqqs324zfcj9mx','message',1,'{}','done',0,0,NULL,NULL,1772452800000000,1772452800000000);
INSERT INTO "mailbox" VALUES(2,'cnv_feby2nfm9jvxv66da96g','message',3,'{}','done',0,0,NULL,NULL,1772452800000000,1772452800000000);
INSERT INTO "mailbox" VALUES(3,'cnv_3sbp69kgbng64c70d722','message',5,'{}','done',0,0,NULL,NULL,1772452800000000,1772452800000000);
INSERT INTO "mailbox" VALUES(4,'cnv_2vkx77jecgcvcxe3tgt7','message',7,'{}','done',0,0,NULL,NULL,1772452800000000,1772452800000000);
INSERT INTO "mailbox" VALUES(5,'cnv_3sbp69kgbng64c70d722','message',9,'{}','done',0,0,NULL,NULL,1772452800000000,1772452800000000);
INSERT INTO "mailbox" VALUES(6,'cnv_s5rtvyd7zkv28ynkwrkh','message',11,'{}','done',0,0,NULL,NULL,1772452800000000,1772452800000000);
INSERT INTO "mailbox" VALUES(7,'cnv_mj9jb9vgaqzvv5wzwqjz','message',13,'{}','done',0,0,NULL,NULL,1772452800000000,1772452800000000);
INSERT INTO "mailbox" VALUES(8,'cnv_g1hz2vwcvwm6qczrym99','message',15,'{}','done',0,0,NULL,NULL,1772452800000000,1772452800000000);
INSERT INTO "mailbox" VALUES(9,'cnv_wxnjnbgm5kcn4sgm88ks','message',17,'{}','parked',0,2,1772452864000000,'RuntimeError',1772452800000000,1772452920000000);
INSERT INTO "mailbox" VALUES(10,'cnv_k11xhpv94km289hpkwxq','message',18,'{}','new',0,1,1772452921000000,'RuntimeError',1772452920000000,NULL);
INSERT INTO "mailbox" VALUES(11,'cnv_v9640rq6s5hvv65pba7j','message',19,'{}','done',0,0,NULL,NULL,1772452920000000,1772452920000000);
INSERT INTO "mailbox" VALUES(12,'cnv_76zpg4p4c8ks97h39xz5','message',21,'{}','done',0,0,NULL,NULL,1772453920000000,1772453920000000);
INSERT INTO "mailbox" VALUES(13,'cnv_j4ra8mprtsfm8rwrhq0d','message',23,'{}','done',0,0,NULL,NULL,1772453920000000,1772453920000000);
INSERT INTO "mailbox" VALUES(14,'cnv_q78x8mbs60yx16df4z8q','message',26,'{}','new',0,0,NULL,NULL,1772453920000000,NULL);
INSERT INTO "mailbox" VALUES(15,'cnv_q78x8mbs60yx16df4z8q','message',27,'{}','new',0,0,NULL,NULL,1772453920000000,NULL);
CREATE TABLE messages (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	conversation_id VARCHAR(40) NOT NULL, 
	direction VARCHAR(16) NOT NULL, 
	author VARCHAR(16) NOT NULL, 
	operator VARCHAR(120), 
	kind VARCHAR(32) NOT NULL, 
	text TEXT, 
	content JSON NOT NULL, 
	provider_id VARCHAR(300), 
	reply_to VARCHAR(300), 
	intent VARCHAR(200), 
	confidence FLOAT, 
	verdict VARCHAR(16), 
	reason VARCHAR(64), 
	status VARCHAR(16) NOT NULL, 
	error TEXT, 
	at BIGINT NOT NULL, 
	sent_at BIGINT, 
	delivered_at BIGINT, 
	read_at BIGINT, 
	FOREIGN KEY(conversation_id) REFERENCES conversations (id)
);
INSERT INTO "messages" VALUES(1,'cnv_zkkr0meqqs324zfcj9mx','inbound','contact',NULL,'text','oi','{}','wamid.in.1',NULL,'greet',0.9,'ANSWER','may_answer','received',NULL,1772452800000000,NULL,NULL,NULL);
INSERT INTO "messages" VALUES(2,'cnv_zkkr0meqqs324zfcj9mx','outbound','bot',NULL,'text','Olá!','{}','wamid.out.1',NULL,NULL,NULL,NULL,NULL,'delivered',NULL,1772452800000000,1772452800000000,1772452800000000,NULL);
INSERT INTO "messages" VALUES(3,'cnv_feby2nfm9jvxv66da96g','inbound','contact',NULL,'text','quero falar com uma pessoa','{}','wamid.in.2',NULL,'greet',0.9,'ANSWER','may_answer','received',NULL,1772452800000000,NULL,NULL,NULL);
INSERT INTO "messages" VALUES(4,'cnv_feby2nfm9jvxv66da96g','outbound','bot',NULL,'text','Vou chamar alguém.','{}','wamid.out.2',NULL,NULL,NULL,NULL,NULL,'accepted',NULL,1772452800000000,1772452800000000,NULL,NULL);
INSERT INTO "messages" VALUES(5,'cnv_3sbp69kgbng64c70d722','inbound','contact',NULL,'text','oi','{}','wamid.in.3',NULL,'greet',0.9,'ANSWER','may_answer','received',NULL,1772452800000000,NULL,NULL,NULL);
INSERT INTO "messages" VALUES(6,'cnv_3sbp69kgbng64c70d722','outbound','bot',NULL,'text','Olá!','{}','wamid.out.3',NULL,NULL,NULL,NULL,NULL,'accepted',NULL,1772452800000000,1772452800000000,NULL,NULL);
INSERT INTO "messages" VALUES(7,'cnv_2vkx77jecgcvcxe3tgt7','inbound','contact',NULL,'text','oi','{}','wamid.in.4',NULL,'greet',0.9,'ANSWER','may_answer','received',NULL,1772452800000000,NULL,NULL,NULL);
INSERT INTO "messages" VALUES(8,'cnv_2vkx77jecgcvcxe3tgt7','outbound','bot',NULL,'text','Olá!','{}','wamid.out.4',NULL,NULL,NULL,NULL,NULL,'accepted',NULL,1772452800000000,1772452800000000,NULL,NULL);
INSERT INTO "messages" VALUES(9,'cnv_3sbp69kgbng64c70d722','inbound','contact',NULL,'text','e a sobremesa?','{}','wamid.in.5',NULL,'greet',0.9,'ANSWER','may_answer','received',NULL,1772452800000000,NULL,NULL,NULL);
INSERT INTO "messages" VALUES(10,'cnv_3sbp69kgbng64c70d722','outbound','bot',NULL,'text','Olá!','{}',NULL,NULL,NULL,NULL,NULL,NULL,'withdrawn',NULL,1772452800000000,NULL,NULL,NULL);
INSERT INTO "messages" VALUES(11,'cnv_s5rtvyd7zkv28ynkwrkh','inbound','contact',NULL,'text','oi','{}','wamid.in.6',NULL,'greet',0.9,'ANSWER','may_answer','received',NULL,1772452800000000,NULL,NULL,NULL);
INSERT INTO "messages" VALUES(12,'cnv_s5rtvyd7zkv28ynkwrkh','outbound','bot',NULL,'text','Olá!','{}',NULL,NULL,NULL,NULL,NULL,NULL,'unknown','cut',1772452800000000,NULL,NULL,NULL);
INSERT INTO "messages" VALUES(13,'cnv_mj9jb9vgaqzvv5wzwqjz','inbound','contact',NULL,'text','oi','{}','wamid.in.7',NULL,'greet',0.9,'ANSWER','may_answer','received',NULL,1772452800000000,NULL,NULL,NULL);
INSERT INTO "messages" VALUES(14,'cnv_mj9jb9vgaqzvv5wzwqjz','outbound','bot',NULL,'text','Olá!','{}',NULL,NULL,NULL,NULL,NULL,NULL,'failed','invalid',1772452800000000,NULL,NULL,NULL);
INSERT INTO "messages" VALUES(15,'cnv_g1hz2vwcvwm6qczrym99','inbound','contact',NULL,'text','oi','{}','wamid.in.8',NULL,'greet',0.9,'ANSWER','may_answer','received',NULL,1772452800000000,NULL,NULL,NULL);
INSERT INTO "messages" VALUES(16,'cnv_g1hz2vwcvwm6qczrym99','outbound','bot',NULL,'text','Olá!','{}','wamid.out.5',NULL,NULL,NULL,NULL,NULL,'accepted',NULL,1772452800000000,1772452800000000,NULL,NULL);
INSERT INTO "messages" VALUES(17,'cnv_wxnjnbgm5kcn4sgm88ks','inbound','contact',NULL,'text','isto quebra','{}','wamid.in.9',NULL,NULL,NULL,'RECORD','parked','received',NULL,1772452800000000,NULL,NULL,NULL);
INSERT INTO "messages" VALUES(18,'cnv_k11xhpv94km289hpkwxq','inbound','contact',NULL,'text','e isto às vezes','{}','wamid.in.10',NULL,NULL,NULL,NULL,NULL,'received',NULL,1772452920000000,NULL,NULL,NULL);
INSERT INTO "messages" VALUES(19,'cnv_v9640rq6s5hvv65pba7j','inbound','contact',NULL,'text','oi','{}','wamid.in.11',NULL,'greet',0.9,'ANSWER','may_answer','received',NULL,1772452920000000,NULL,NULL,NULL);
INSERT INTO "messages" VALUES(20,'cnv_v9640rq6s5hvv65pba7j','outbound','bot',NULL,'text','Vale?','{"buttons": ["Sim"]}',NULL,NULL,NULL,NULL,NULL,NULL,'expired',NULL,1772452920000000,NULL,NULL,NULL);
INSERT INTO "messages" VALUES(21,'cnv_76zpg4p4c8ks97h39xz5','inbound','contact',NULL,'text','oi','{}','wamid.in.12',NULL,'greet',0.9,'ANSWER','may_answer','received',NULL,1772453920000000,NULL,NULL,NULL);
INSERT INTO "messages" VALUES(22,'cnv_76zpg4p4c8ks97h39xz5','outbound','bot',NULL,'text','Olá!','{}',NULL,NULL,NULL,NULL,NULL,NULL,'sending',NULL,1772453920000000,NULL,NULL,NULL);
INSERT INTO "messages" VALUES(23,'cnv_j4ra8mprtsfm8rwrhq0d','inbound','contact',NULL,'text','oi','{}','wamid.in.13',NULL,'greet',0.9,'ANSWER','may_answer','received',NULL,1772453920000000,NULL,NULL,NULL);
INSERT INTO "messages" VALUES(24,'cnv_j4ra8mprtsfm8rwrhq0d','outbound','bot',NULL,'text','Olá!','{}',NULL,NULL,NULL,NULL,NULL,NULL,'queued',NULL,1772453920000000,NULL,NULL,NULL);
INSERT INTO "messages" VALUES(25,'cnv_3sbp69kgbng64c70d722','outbound','operator','maria','text','Maria aqui.','{}',NULL,NULL,NULL,NULL,NULL,NULL,'queued',NULL,1772453920000000,NULL,NULL,NULL);
INSERT INTO "messages" VALUES(26,'cnv_q78x8mbs60yx16df4z8q','inbound','contact',NULL,'text','tem pizza?','{}','wamid.in.14',NULL,NULL,NULL,NULL,NULL,'received',NULL,1772453920000000,NULL,NULL,NULL);
INSERT INTO "messages" VALUES(27,'cnv_q78x8mbs60yx16df4z8q','inbound','contact',NULL,'text','e refrigerante?','{}','wamid.in.15',NULL,NULL,NULL,NULL,NULL,'received',NULL,1772453920000000,NULL,NULL,NULL);
CREATE TABLE notices (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	kind VARCHAR(40) NOT NULL, 
	conversation_id VARCHAR(40), 
	facts JSON NOT NULL, 
	at BIGINT NOT NULL
);
INSERT INTO "notices" VALUES(1,'message','cnv_zkkr0meqqs324zfcj9mx','{"message": 1, "direction": "inbound"}',1772452800000000);
INSERT INTO "notices" VALUES(2,'message','cnv_zkkr0meqqs324zfcj9mx','{"message": 2, "direction": "outbound"}',1772452800000000);
INSERT INTO "notices" VALUES(3,'message','cnv_feby2nfm9jvxv66da96g','{"message": 3, "direction": "inbound"}',1772452800000000);
INSERT INTO "notices" VALUES(4,'handover','cnv_feby2nfm9jvxv66da96g','{"state": "pending", "owner": null, "command": "request", "reason": "complaint"}',1772452800000000);
INSERT INTO "notices" VALUES(5,'message','cnv_feby2nfm9jvxv66da96g','{"message": 4, "direction": "outbound"}',1772452800000000);
INSERT INTO "notices" VALUES(6,'message','cnv_3sbp69kgbng64c70d722','{"message": 5, "direction": "inbound"}',1772452800000000);
INSERT INTO "notices" VALUES(7,'message','cnv_3sbp69kgbng64c70d722','{"message": 6, "direction": "outbound"}',1772452800000000);
INSERT INTO "notices" VALUES(8,'message','cnv_2vkx77jecgcvcxe3tgt7','{"message": 7, "direction": "inbound"}',1772452800000000);
INSERT INTO "notices" VALUES(9,'message','cnv_2vkx77jecgcvcxe3tgt7','{"message": 8, "direction": "outbound"}',1772452800000000);
INSERT INTO "notices" VALUES(10,'message','cnv_3sbp69kgbng64c70d722','{"message": 9, "direction": "inbound"}',1772452800000000);
INSERT INTO "notices" VALUES(11,'message','cnv_3sbp69kgbng64c70d722','{"message": 10, "direction": "outbound"}',1772452800000000);
INSERT INTO "notices" VALUES(12,'handover','cnv_3sbp69kgbng64c70d722','{"state": "human", "owner": "maria", "command": "take", "reason": null}',1772452800000000);
INSERT INTO "notices" VALUES(13,'handover','cnv_2vkx77jecgcvcxe3tgt7','{"state": "human", "owner": "maria", "command": "take", "reason": null}',1772452800000000);
INSERT INTO "notices" VALUES(14,'handover','cnv_2vkx77jecgcvcxe3tgt7','{"state": "bot", "owner": null, "command": "release", "reason": null}',1772452800000000);
INSERT INTO "notices" VALUES(15,'message','cnv_s5rtvyd7zkv28ynkwrkh','{"message": 11, "direction": "inbound"}',1772452800000000);
INSERT INTO "notices" VALUES(16,'message','cnv_s5rtvyd7zkv28ynkwrkh','{"message": 12, "direction": "outbound"}',1772452800000000);
INSERT INTO "notices" VALUES(17,'failed','cnv_s5rtvyd7zkv28ynkwrkh','{"message": 12, "state": "unknown"}',1772452800000000);
INSERT INTO "notices" VALUES(18,'message','cnv_mj9jb9vgaqzvv5wzwqjz','{"message": 13, "direction": "inbound"}',1772452800000000);
INSERT INTO "notices" VALUES(19,'message','cnv_mj9jb9vgaqzvv5wzwqjz','{"message": 14, "direction": "outbound"}',1772452800000000);
INSERT INTO "notices" VALUES(20,'failed','cnv_mj9jb9vgaqzvv5wzwqjz','{"message": 14, "state": "refused"}',1772452800000000);
INSERT INTO "notices" VALUES(21,'message','cnv_g1hz2vwcvwm6qczrym99','{"message": 15, "direction": "inbound"}',1772452800000000);
INSERT INTO "notices" VALUES(22,'message','cnv_g1hz2vwcvwm6qczrym99','{"message": 16, "direction": "outbound"}',1772452800000000);
INSERT INTO "notices" VALUES(23,'message','cnv_wxnjnbgm5kcn4sgm88ks','{"message": 17, "direction": "inbound"}',1772452800000000);
INSERT INTO "notices" VALUES(24,'parked','cnv_wxnjnbgm5kcn4sgm88ks','{"mail": 9}',1772452920000000);
INSERT INTO "notices" VALUES(25,'message','cnv_k11xhpv94km289hpkwxq','{"message": 18, "direction": "inbound"}',1772452920000000);
INSERT INTO "notices" VALUES(26,'message','cnv_v9640rq6s5hvv65pba7j','{"message": 19, "direction": "inbound"}',1772452920000000);
INSERT INTO "notices" VALUES(27,'message','cnv_v9640rq6s5hvv65pba7j','{"message": 20, "direction": "outbound"}',1772452920000000);
INSERT INTO "notices" VALUES(28,'message','cnv_76zpg4p4c8ks97h39xz5','{"message": 21, "direction": "inbound"}',1772453920000000);
INSERT INTO "notices" VALUES(29,'message','cnv_76zpg4p4c8ks97h39xz5','{"message": 22, "direction": "outbound"}',1772453920000000);
INSERT INTO "notices" VALUES(30,'message','cnv_j4ra8mprtsfm8rwrhq0d','{"message": 23, "direction": "inbound"}',1772453920000000);
INSERT INTO "notices" VALUES(31,'message','cnv_j4ra8mprtsfm8rwrhq0d','{"message": 24, "direction": "outbound"}',1772453920000000);
INSERT INTO "notices" VALUES(32,'message','cnv_3sbp69kgbng64c70d722','{"message": 25, "direction": "outbound"}',1772453920000000);
INSERT INTO "notices" VALUES(33,'message','cnv_q78x8mbs60yx16df4z8q','{"message": 26, "direction": "inbound"}',1772453920000000);
INSERT INTO "notices" VALUES(34,'message','cnv_q78x8mbs60yx16df4z8q','{"message": 27, "direction": "inbound"}',1772453920000000);
CREATE TABLE operators (
	name VARCHAR(120) NOT NULL, 
	role VARCHAR(16) NOT NULL, 
	token_hash VARCHAR(64) NOT NULL, 
	created_at BIGINT NOT NULL, 
	PRIMARY KEY (name), 
	UNIQUE (token_hash)
);
INSERT INTO "operators" VALUES('maria','admin','b20f97f59e5e8ed083eeb04a1dcae9abdf8c984ef59c65a52c7fa1d2355c8251',1772452800000000);
CREATE TABLE outbox (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	conversation_id VARCHAR(40) NOT NULL, 
	account_id VARCHAR(40) NOT NULL, 
	message_id INTEGER, 
	lane VARCHAR(16) NOT NULL, 
	author VARCHAR(16) NOT NULL, 
	body JSON NOT NULL, 
	ownership INTEGER NOT NULL, 
	agent_id VARCHAR(40), 
	agent_activation INTEGER, 
	account_activation INTEGER, 
	state VARCHAR(16) NOT NULL, 
	attempts INTEGER DEFAULT '0' NOT NULL, 
	not_before BIGINT, 
	expires_at BIGINT, 
	claimed_by VARCHAR(80), 
	claim_deadline BIGINT, 
	error TEXT, 
	created_at BIGINT NOT NULL, 
	settled_at BIGINT, 
	FOREIGN KEY(account_id) REFERENCES accounts (id), 
	FOREIGN KEY(conversation_id) REFERENCES conversations (id), 
	FOREIGN KEY(message_id) REFERENCES messages (id)
);
INSERT INTO "outbox" VALUES(1,'cnv_zkkr0meqqs324zfcj9mx','acc_fg5gkn02r4bett0kbqf4',NULL,'signal','bot','{"seen": "wamid.in.1", "typing": false}',0,'agt_9m272vkv5r4wwgs5m8tp',0,0,'sent',1,NULL,1772453700000000,'vm:25764',1772452805000000,NULL,1772452800000000,1772452800000000);
INSERT INTO "outbox" VALUES(2,'cnv_zkkr0meqqs324zfcj9mx','acc_fg5gkn02r4bett0kbqf4',2,'message','bot','{"text": "Ol\u00e1!", "buttons": []}',0,'agt_9m272vkv5r4wwgs5m8tp',0,0,'sent',1,NULL,1772453700000000,'vm:25764',1772452805000000,NULL,1772452800000000,1772452800000000);
INSERT INTO "outbox" VALUES(3,'cnv_feby2nfm9jvxv66da96g','acc_fg5gkn02r4bett0kbqf4',NULL,'signal','bot','{"seen": "wamid.in.2", "typing": false}',0,'agt_9m272vkv5r4wwgs5m8tp',0,0,'sent',1,NULL,1772453700000000,'vm:25764',1772452805000000,NULL,1772452800000000,1772452800000000);
INSERT INTO "outbox" VALUES(4,'cnv_feby2nfm9jvxv66da96g','acc_fg5gkn02r4bett0kbqf4',4,'message','bot','{"text": "Vou chamar algu\u00e9m.", "buttons": []}',0,'agt_9m272vkv5r4wwgs5m8tp',0,0,'sent',1,NULL,1772453700000000,'vm:25764',1772452805000000,NULL,1772452800000000,1772452800000000);
INSERT INTO "outbox" VALUES(5,'cnv_3sbp69kgbng64c70d722','acc_fg5gkn02r4bett0kbqf4',NULL,'signal','bot','{"seen": "wamid.in.3", "typing": false}',0,'agt_9m272vkv5r4wwgs5m8tp',0,0,'sent',1,NULL,1772453700000000,'vm:25764',1772452805000000,NULL,1772452800000000,1772452800000000);
INSERT INTO "outbox" VALUES(6,'cnv_3sbp69kgbng64c70d722','acc_fg5gkn02r4bett0kbqf4',6,'message','bot','{"text": "Ol\u00e1!", "buttons": []}',0,'agt_9m272vkv5r4wwgs5m8tp',0,0,'sent',1,NULL,1772453700000000,'vm:25764',1772452805000000,NULL,1772452800000000,1772452800000000);
INSERT INTO "outbox" VALUES(7,'cnv_2vkx77jecgcvcxe3tgt7','acc_fg5gkn02r4bett0kbqf4',NULL,'signal','bot','{"seen": "wamid.in.4", "typing": false}',0,'agt_9m272vkv5r4wwgs5m8tp',0,0,'sent',1,NULL,1772453700000000,'vm:25764',1772452805000000,NULL,1772452800000000,1772452800000000);
INSERT INTO "outbox" VALUES(8,'cnv_2vkx77jecgcvcxe3tgt7','acc_fg5gkn02r4bett0kbqf4',8,'message','bot','{"text": "Ol\u00e1!", "buttons": []}',0,'agt_9m272vkv5r4wwgs5m8tp',0,0,'sent',1,NULL,1772453700000000,'vm:25764',1772452805000000,NULL,1772452800000000,1772452800000000);
INSERT INTO "outbox" VALUES(9,'cnv_3sbp69kgbng64c70d722','acc_fg5gkn02r4bett0kbqf4',NULL,'signal','bot','{"seen": "wamid.in.5", "typing": false}',0,'agt_9m272vkv5r4wwgs5m8tp',0,0,'withdrawn',0,NULL,1772453700000000,NULL,NULL,NULL,1772452800000000,1772452800000000);
INSERT INTO "outbox" VALUES(10,'cnv_3sbp69kgbng64c70d722','acc_fg5gkn02r4bett0kbqf4',10,'message','bot','{"text": "Ol\u00e1!", "buttons": []}',0,'agt_9m272vkv5r4wwgs5m8tp',0,0,'withdrawn',0,NULL,1772453700000000,NULL,NULL,NULL,1772452800000000,1772452800000000);
INSERT INTO "outbox" VALUES(11,'cnv_s5rtvyd7zkv28ynkwrkh','acc_fg5gkn02r4bett0kbqf4',NULL,'signal','bot','{"seen": "wamid.in.6", "typing": false}',0,'agt_9m272vkv5r4wwgs5m8tp',0,0,'sent',1,NULL,1772453700000000,'vm:25764',1772452805000000,NULL,1772452800000000,1772452800000000);
INSERT INTO "outbox" VALUES(12,'cnv_s5rtvyd7zkv28ynkwrkh','acc_fg5gkn02r4bett0kbqf4',12,'message','bot','{"text": "Ol\u00e1!", "buttons": []}',0,'agt_9m272vkv5r4wwgs5m8tp',0,0,'unknown',1,NULL,1772453700000000,'vm:25764',1772452805000000,'cut',1772452800000000,1772452800000000);
INSERT INTO "outbox" VALUES(13,'cnv_mj9jb9vgaqzvv5wzwqjz','acc_fg5gkn02r4bett0kbqf4',NULL,'signal','bot','{"seen": "wamid.in.7", "typing": false}',0,'agt_9m272vkv5r4wwgs5m8tp',0,0,'sent',1,NULL,1772453700000000,'vm:25764',1772452805000000,NULL,1772452800000000,1772452800000000);
INSERT INTO "outbox" VALUES(14,'cnv_mj9jb9vgaqzvv5wzwqjz','acc_fg5gkn02r4bett0kbqf4',14,'message','bot','{"text": "Ol\u00e1!", "buttons": []}',0,'agt_9m272vkv5r4wwgs5m8tp',0,0,'refused',1,NULL,1772453700000000,'vm:25764',1772452805000000,'invalid',1772452800000000,1772452800000000);
INSERT INTO "outbox" VALUES(15,'cnv_g1hz2vwcvwm6qczrym99','acc_fg5gkn02r4bett0kbqf4',NULL,'signal','bot','{"seen": "wamid.in.8", "typing": false}',0,'agt_9m272vkv5r4wwgs5m8tp',0,0,'sent',1,NULL,1772453700000000,'vm:25764',1772452805000000,NULL,1772452800000000,1772452800000000);
INSERT INTO "outbox" VALUES(16,'cnv_g1hz2vwcvwm6qczrym99','acc_fg5gkn02r4bett0kbqf4',16,'message','bot','{"text": "Ol\u00e1!", "buttons": []}',0,'agt_9m272vkv5r4wwgs5m8tp',0,0,'sent',1,NULL,1772453700000000,'vm:25764',1772452805000000,NULL,1772452800000000,1772452800000000);
INSERT INTO "outbox" VALUES(17,'cnv_v9640rq6s5hvv65pba7j','acc_fg5gkn02r4bett0kbqf4',NULL,'signal','bot','{"seen": "wamid.in.11", "typing": false}',0,'agt_9m272vkv5r4wwgs5m8tp',0,0,'queued',0,NULL,1772453820000000,NULL,NULL,NULL,1772452920000000,NULL);
INSERT INTO "outbox" VALUES(18,'cnv_v9640rq6s5hvv65pba7j','acc_fg5gkn02r4bett0kbqf4',20,'message','bot','{"text": "Vale?", "buttons": ["b_cxkgjbwch9bjxbb69j1t"]}',0,'agt_9m272vkv5r4wwgs5m8tp',0,0,'expired',0,NULL,1772453820000000,NULL,NULL,NULL,1772452920000000,1772453920000000);
INSERT INTO "outbox" VALUES(19,'cnv_76zpg4p4c8ks97h39xz5','acc_fg5gkn02r4bett0kbqf4',NULL,'signal','bot','{"seen": "wamid.in.12", "typing": false}',0,'agt_9m272vkv5r4wwgs5m8tp',0,0,'queued',0,NULL,1772454820000000,NULL,NULL,NULL,1772453920000000,NULL);
INSERT INTO "outbox" VALUES(20,'cnv_76zpg4p4c8ks97h39xz5','acc_fg5gkn02r4bett0kbqf4',22,'message','bot','{"text": "Ol\u00e1!", "buttons": []}',0,'agt_9m272vkv5r4wwgs5m8tp',0,0,'claimed',1,NULL,1772454820000000,'host:1',1772453925000000,NULL,1772453920000000,NULL);
INSERT INTO "outbox" VALUES(21,'cnv_j4ra8mprtsfm8rwrhq0d','acc_fg5gkn02r4bett0kbqf4',NULL,'signal','bot','{"seen": "wamid.in.13", "typing": false}',0,'agt_9m272vkv5r4wwgs5m8tp',0,0,'queued',0,NULL,1772454820000000,NULL,NULL,NULL,1772453920000000,NULL);
INSERT INTO "outbox" VALUES(22,'cnv_j4ra8mprtsfm8rwrhq0d','acc_fg5gkn02r4bett0kbqf4',24,'message','bot','{"text": "Ol\u00e1!", "buttons": []}',0,'agt_9m272vkv5r4wwgs5m8tp',0,0,'queued',0,NULL,1772454820000000,NULL,NULL,NULL,1772453920000000,NULL);
INSERT INTO "outbox" VALUES(23,'cnv_3sbp69kgbng64c70d722','acc_fg5gkn02r4bett0kbqf4',25,'message','operator','{"text": "Maria aqui.", "buttons": []}',1,NULL,NULL,0,'queued',0,NULL,NULL,NULL,NULL,NULL,1772453920000000,NULL);
CREATE TABLE requests (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	conversation_id VARCHAR(40) NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	reason VARCHAR(120) NOT NULL, 
	details JSON NOT NULL, 
	created_at BIGINT NOT NULL, 
	ended_at BIGINT, 
	FOREIGN KEY(conversation_id) REFERENCES conversations (id)
);
INSERT INTO "requests" VALUES(1,'cnv_feby2nfm9jvxv66da96g','pending','complaint','{"reason": "complaint"}',1772452800000000,NULL);
CREATE TABLE timers (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	conversation_id VARCHAR(40) NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	due_at BIGINT NOT NULL, 
	payload JSON NOT NULL, 
	FOREIGN KEY(conversation_id) REFERENCES conversations (id), 
	UNIQUE (conversation_id, name)
);
INSERT INTO "timers" VALUES(1,'cnv_g1hz2vwcvwm6qczrym99','tea',1772460000000000,'{"event": "reminder", "timestamp": 1.0, "intent": "EXTERNAL_remind", "entities": null, "date_time": "2026-03-02T14:00:00+00:00", "name": "tea", "kill_on_user_msg": false}');
CREATE TABLE tracker_events (
	sender_id VARCHAR(255) NOT NULL, 
	seq INTEGER NOT NULL, 
	type VARCHAR(40) NOT NULL, 
	timestamp FLOAT NOT NULL, 
	event TEXT NOT NULL, 
	PRIMARY KEY (sender_id, seq)
);
INSERT INTO "tracker_events" VALUES('cnv_zkkr0meqqs324zfcj9mx',1,'user',1.0,'{"event":"user","timestamp":1.0,"text":"oi","parse_data":{"intent":{"name":"greet"}}}');
INSERT INTO "tracker_events" VALUES('cnv_zkkr0meqqs324zfcj9mx',2,'bot',1.0,'{"event":"bot","timestamp":1.0,"text":"Olá!"}');
INSERT INTO "tracker_events" VALUES('cnv_feby2nfm9jvxv66da96g',1,'user',1.0,'{"event":"user","timestamp":1.0,"text":"quero falar com uma pessoa","parse_data":{"intent":{"name":"greet"}}}');
INSERT INTO "tracker_events" VALUES('cnv_feby2nfm9jvxv66da96g',2,'slot',1.0,'{"event":"slot","timestamp":1.0,"name":"handover_request","value":{"reason":"complaint"}}');
INSERT INTO "tracker_events" VALUES('cnv_feby2nfm9jvxv66da96g',3,'bot',1.0,'{"event":"bot","timestamp":1.0,"text":"Vou chamar alguém."}');
INSERT INTO "tracker_events" VALUES('cnv_3sbp69kgbng64c70d722',1,'user',1.0,'{"event":"user","timestamp":1.0,"text":"oi","parse_data":{"intent":{"name":"greet"}}}');
INSERT INTO "tracker_events" VALUES('cnv_3sbp69kgbng64c70d722',2,'bot',1.0,'{"event":"bot","timestamp":1.0,"text":"Olá!"}');
INSERT INTO "tracker_events" VALUES('cnv_2vkx77jecgcvcxe3tgt7',1,'user',1.0,'{"event":"user","timestamp":1.0,"text":"oi","parse_data":{"intent":{"name":"greet"}}}');
INSERT INTO "tracker_events" VALUES('cnv_2vkx77jecgcvcxe3tgt7',2,'bot',1.0,'{"event":"bot","timestamp":1.0,"text":"Olá!"}');
INSERT INTO "tracker_events" VALUES('cnv_3sbp69kgbng64c70d722',3,'user',1.0,'{"event":"user","timestamp":1.0,"text":"e a sobremesa?","parse_data":{"intent":{"name":"greet"}}}');
INSERT INTO "tracker_events" VALUES('cnv_3sbp69kgbng64c70d722',4,'bot',1.0,'{"event":"bot","timestamp":1.0,"text":"Olá!"}');
INSERT INTO "tracker_events" VALUES('cnv_3sbp69kgbng64c70d722',5,'bot',1772452800.0,'{"event":"bot","timestamp":1772452800.0,"text":null,"data":{},"metadata":{"handover":"take","state":"human","by":"maria"}}');
INSERT INTO "tracker_events" VALUES('cnv_2vkx77jecgcvcxe3tgt7',3,'bot',1772452800.0,'{"event":"bot","timestamp":1772452800.0,"text":null,"data":{},"metadata":{"handover":"take","state":"human","by":"maria"}}');
INSERT INTO "tracker_events" VALUES('cnv_2vkx77jecgcvcxe3tgt7',4,'bot',1772452800.0,'{"event":"bot","timestamp":1772452800.0,"text":null,"data":{},"metadata":{"handover":"release","state":"bot","by":"maria"}}');
INSERT INTO "tracker_events" VALUES('cnv_s5rtvyd7zkv28ynkwrkh',1,'user',1.0,'{"event":"user","timestamp":1.0,"text":"oi","parse_data":{"intent":{"name":"greet"}}}');
INSERT INTO "tracker_events" VALUES('cnv_s5rtvyd7zkv28ynkwrkh',2,'bot',1.0,'{"event":"bot","timestamp":1.0,"text":"Olá!"}');
INSERT INTO "tracker_events" VALUES('cnv_mj9jb9vgaqzvv5wzwqjz',1,'user',1.0,'{"event":"user","timestamp":1.0,"text":"oi","parse_data":{"intent":{"name":"greet"}}}');
INSERT INTO "tracker_events" VALUES('cnv_mj9jb9vgaqzvv5wzwqjz',2,'bot',1.0,'{"event":"bot","timestamp":1.0,"text":"Olá!"}');
INSERT INTO "tracker_events" VALUES('cnv_g1hz2vwcvwm6qczrym99',1,'user',1.0,'{"event":"user","timestamp":1.0,"text":"oi","parse_data":{"intent":{"name":"greet"}}}');
INSERT INTO "tracker_events" VALUES('cnv_g1hz2vwcvwm6qczrym99',2,'bot',1.0,'{"event":"bot","timestamp":1.0,"text":"Olá!"}');
INSERT INTO "tracker_events" VALUES('cnv_wxnjnbgm5kcn4sgm88ks',1,'user',1772452920.0,'{"event":"user","timestamp":1772452920.0,"text":"isto quebra","parse_data":{"intent":{"name":null,"confidence":0.0},"entities":[],"text":"isto quebra","message_id":"wamid.in.9","metadata":{"channel":"whatsapp","account":"acc_fg5gkn02r4bett0kbqf4","verdict":"RECORD","reason":"parked","turn_key":"cnv_wxnjnbgm5kcn4sgm88ks.9"}},"metadata":{"channel":"whatsapp","account":"acc_fg5gkn02r4bett0kbqf4","verdict":"RECORD","reason":"parked","turn_key":"cnv_wxnjnbgm5kcn4sgm88ks.9"},"input_channel":"whatsapp","message_id":"wamid.in.9"}');
INSERT INTO "tracker_events" VALUES('cnv_v9640rq6s5hvv65pba7j',1,'user',1.0,'{"event":"user","timestamp":1.0,"text":"oi","parse_data":{"intent":{"name":"greet"}}}');
INSERT INTO "tracker_events" VALUES('cnv_v9640rq6s5hvv65pba7j',2,'bot',1.0,'{"event":"bot","timestamp":1.0,"text":"Vale?"}');
INSERT INTO "tracker_events" VALUES('cnv_76zpg4p4c8ks97h39xz5',1,'user',1.0,'{"event":"user","timestamp":1.0,"text":"oi","parse_data":{"intent":{"name":"greet"}}}');
INSERT INTO "tracker_events" VALUES('cnv_76zpg4p4c8ks97h39xz5',2,'bot',1.0,'{"event":"bot","timestamp":1.0,"text":"Olá!"}');
INSERT INTO "tracker_events" VALUES('cnv_j4ra8mprtsfm8rwrhq0d',1,'user',1.0,'{"event":"user","timestamp":1.0,"text":"oi","parse_data":{"intent":{"name":"greet"}}}');
INSERT INTO "tracker_events" VALUES('cnv_j4ra8mprtsfm8rwrhq0d',2,'bot',1.0,'{"event":"bot","timestamp":1.0,"text":"Olá!"}');
INSERT INTO "tracker_events" VALUES('cnv_3sbp69kgbng64c70d722',6,'bot',1772453920.0,'{"event":"bot","timestamp":1772453920.0,"text":"Maria aqui.","data":{},"metadata":{"author":"operator","operator":"maria"}}');
CREATE TABLE trackers (
	sender_id VARCHAR(255) NOT NULL, 
	seq INTEGER NOT NULL, 
	session_seq INTEGER NOT NULL, 
	PRIMARY KEY (sender_id)
);
INSERT INTO "trackers" VALUES('cnv_zkkr0meqqs324zfcj9mx',2,1);
INSERT INTO "trackers" VALUES('cnv_feby2nfm9jvxv66da96g',3,1);
INSERT INTO "trackers" VALUES('cnv_3sbp69kgbng64c70d722',6,1);
INSERT INTO "trackers" VALUES('cnv_2vkx77jecgcvcxe3tgt7',4,1);
INSERT INTO "trackers" VALUES('cnv_s5rtvyd7zkv28ynkwrkh',2,1);
INSERT INTO "trackers" VALUES('cnv_mj9jb9vgaqzvv5wzwqjz',2,1);
INSERT INTO "trackers" VALUES('cnv_g1hz2vwcvwm6qczrym99',2,1);
INSERT INTO "trackers" VALUES('cnv_wxnjnbgm5kcn4sgm88ks',1,1);
INSERT INTO "trackers" VALUES('cnv_v9640rq6s5hvv65pba7j',2,1);
INSERT INTO "trackers" VALUES('cnv_76zpg4p4c8ks97h39xz5',2,1);
INSERT INTO "trackers" VALUES('cnv_j4ra8mprtsfm8rwrhq0d',2,1);
CREATE TABLE webhook_events (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	channel VARCHAR(16) NOT NULL, 
	account VARCHAR(64), 
	kind VARCHAR(80) NOT NULL, 
	body JSON NOT NULL, 
	at BIGINT NOT NULL
);
CREATE INDEX ix_dedup_keys_at ON dedup_keys (at);
CREATE INDEX ix_notices_conversation_id ON notices (conversation_id);
CREATE INDEX ix_addresses_contact_id ON addresses (contact_id);
CREATE INDEX ix_conversations_account_id ON conversations (account_id);
CREATE INDEX ix_buttons_conversation_id ON buttons (conversation_id);
CREATE INDEX ix_handovers_conversation_id ON handovers (conversation_id);
CREATE INDEX ix_messages_provider_id ON messages (provider_id);
CREATE INDEX messages_by_author ON messages (conversation_id, author, at);
CREATE INDEX messages_of_conversation ON messages (conversation_id, id);
CREATE INDEX ix_requests_conversation_id ON requests (conversation_id);
CREATE INDEX ix_timers_due_at ON timers (due_at);
CREATE INDEX mailbox_waiting ON mailbox (conversation_id, id) WHERE state = 'new';
CREATE INDEX outbox_claimed ON outbox (agent_id) WHERE state = 'claimed';
CREATE INDEX outbox_open ON outbox (conversation_id, id) WHERE state IN ('queued', 'claimed', 'unknown');
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('messages',27);
INSERT INTO "sqlite_sequence" VALUES('mailbox',15);
INSERT INTO "sqlite_sequence" VALUES('notices',34);
INSERT INTO "sqlite_sequence" VALUES('outbox',23);
INSERT INTO "sqlite_sequence" VALUES('handovers',4);
INSERT INTO "sqlite_sequence" VALUES('requests',1);
INSERT INTO "sqlite_sequence" VALUES('timers',1);
COMMIT;
