"""The dashboard's objects: what each of its pages reads of them, and takes it for. `maybe` may be missing or null;
everything else breaks a page, or loses it something."""

from __future__ import annotations

from bench.dashboards.kinds import (
    array,
    date,
    either,
    flag,
    full,
    map_of,
    maybe,
    more,
    number,
    of,
    one_of,
    some,
    text,
    things,
    whole,
)  # fmt: skip

SIGNED_IN = of(
    token=full, user_id=either(full, whole), email=text, first_name=text, last_name=text, username=maybe(text)
)
ME = of(
    id=either(full, whole), username=full, email=text, first_name=text, last_name=text, is_staff=flag,
    is_superuser=flag, is_active=one_of(True), date_joined=date,
)  # fmt: skip

WHATSAPP_ACCOUNT = of(
    id=full, name=full, phone_number=text, display_phone_number=maybe(text), phone_number_id=maybe(text),
    waba_id=maybe(text), status=one_of("active", "inactive", "pending", "error"), is_active=flag,
    webhook_verified=maybe(flag), auto_response_enabled=flag, human_handoff_enabled=flag, default_agent=maybe(full),
    default_agent_name=maybe(text), token_version=maybe(whole), metadata=maybe(things), created_at=date,
    updated_at=date,
)  # fmt: skip
TEMPLATE = of(
    id=full, account=full, name=full, language=full, category=text, status=text, components=some
)  # fmt: skip
BUSINESS_PROFILE = of(about=maybe(text), address=maybe(text), email=maybe(text), websites=maybe(array(text, least=0)))

MODE = one_of("auto", "human", "hybrid")
STANDING = one_of("bot", "human", "pending")
CONVERSATION = of(
    id=full, account=full, account_name=maybe(text), phone_number=text, contact_name=maybe(text), mode=MODE,
    status=one_of("open", "closed", "pending", "resolved"), unread_count=whole, last_message_at=maybe(date),
    last_message_preview=maybe(text), labels=some, tags=array(text, least=0), assigned_to=maybe(text),
    assigned_agent=maybe(text), assigned_agent_name=maybe(text), handover_status=maybe(STANDING),
    handover_assigned_to=maybe(text), handover_assigned_to_name=maybe(text), ai_agent=maybe(text),
    agent_session_id=maybe(text), context=maybe(things), profile_picture_url=maybe(text), store_slug=maybe(text),
    store_name=maybe(text), last_customer_message_at=maybe(date), last_agent_message_at=maybe(date),
    closed_at=maybe(date), resolved_at=maybe(date), created_at=date, updated_at=date,
)  # fmt: skip
MESSAGE = of(
    id=full, whatsapp_message_id=maybe(text), conversation_id=full, conversation=full, account=full,
    direction=one_of("inbound", "outbound"),
    message_type=one_of(
        "text", "image", "video", "audio", "document", "sticker", "template", "interactive", "location", "contacts",
        "reaction", "button", "order", "system", "unknown",
    ),
    status=one_of("pending", "sent", "delivered", "read", "failed", "received"), from_number=text, to_number=text,
    text_body=maybe(text), content=maybe(either(things, text)), media_url=maybe(text), media_mime_type=maybe(text),
    media_filename=maybe(text), media_caption=maybe(text), created_at=date, timestamp=maybe(date), sent_at=maybe(date),
    delivered_at=maybe(date), read_at=maybe(date), error_message=maybe(text), updated_at=date,
)  # fmt: skip
NOTE = of(id=full, conversation=full, author=maybe(text), author_name=maybe(text), content=full, created_at=date)
UNIVERSAL = of(
    id=full, platform=one_of("whatsapp", "instagram", "messenger"),
    platform_icon_key=one_of("whatsapp", "instagram", "messenger"), source_conversation_id=full, account_id=maybe(full),
    display_name=full, secondary_identifier=maybe(text), last_message_preview=maybe(text), last_message_at=maybe(date),
    unread_count=whole, status=maybe(text), route=full, route_params=map_of(text), is_actionable=flag,
)  # fmt: skip
#: Its own envelope: a bare array, or one of the usual kind without `has_more`, leaves the chat empty or without a past.
CHAT = of(results=array(MESSAGE, least=2, oldest="created_at"), has_more=flag, next_before_id=maybe(full))

HANDOVER_REQUEST = of(
    id=full, conversation=full, status=one_of("pending", "approved", "rejected", "expired"),
    status_display=maybe(text), priority=one_of("low", "medium", "high", "urgent"), priority_display=maybe(text),
    reason=maybe(text), requested_by=maybe(text), approved_by=maybe(text), approved_at=maybe(date),
    assigned_to=maybe(text), created_at=date, expires_at=maybe(date),
)  # fmt: skip
HANDOVER_RESPONSE = of(
    success=one_of(True), handover_status=STANDING, status_display=maybe(text), assigned_to=maybe(text),
    assigned_to_name=maybe(text), message=maybe(text),
)  # fmt: skip
HANDOVER_STATUS = of(
    handover_status=STANDING, status_display=maybe(text), assigned_to=maybe(text), assigned_to_name=maybe(text),
    last_transfer_at=maybe(date), last_transfer_reason=maybe(text),
)  # fmt: skip
HANDOVER_LOG = of(
    id=full, conversation=full, from_status=full, to_status=full, performed_by=maybe(text),
    performed_by_name=maybe(text), reason=maybe(text), created_at=date,
)  # fmt: skip

#: `rasa` is ours: the form does not know it, and the detail page shows it in capitals as any other.
AGENT = of(
    id=full, name=full, description=text, provider=full, model_name=text,
    status=one_of("active", "inactive", "draft"), temperature=number, max_tokens=whole, use_memory=flag,
    created_at=date, updated_at=date,
)  # fmt: skip
AGENT_DETAIL = more(
    AGENT, base_url=text, timeout=number, system_prompt=text, context_prompt=text, memory_ttl=number,
    accounts=array(of(id=full, name=full, phone_number=maybe(text)), least=0),
)  # fmt: skip
AGENT_STATS = of(total_conversations=number, total_messages=number, avg_response_time_ms=number, active_sessions=number)
AGENT_TALK = of(
    id=full, session_id=full, phone_number=text, message_count=whole, last_message_at=maybe(date), created_at=date,
    messages=maybe(some),
)  # fmt: skip
AGENT_LINE = of(id=full, role=one_of("user", "assistant", "system"), content=text, created_at=date)
PROCESSED = of(response=full, session_id=full, tokens_used=maybe(whole), response_time_ms=maybe(number))

INSTAGRAM_ACCOUNT = of(
    id=full, username=full, platform=maybe(text), instagram_business_id=maybe(text), facebook_page_id=maybe(text),
    followers_count=whole, follows_count=whole, media_count=whole, profile_picture_url=maybe(text), biography=text,
    website=maybe(text), is_active=flag, is_verified=flag, last_sync_at=maybe(date), created_at=date, name=full,
    instagram_account_id=full, instagram_user_id=full, app_id=text, status=full, messaging_enabled=flag,
    auto_response_enabled=flag, masked_token=text, token_expires_at=maybe(date),
)  # fmt: skip
_LAST = maybe(of(type=full, content=text, created_at=date))
INSTAGRAM_CONVERSATION = of(
    id=full, account=full, participant_id=full, participant_username=maybe(text), participant_name=maybe(text),
    participant_profile_pic=maybe(text), last_message_at=maybe(date), last_message_preview=maybe(text),
    last_message=_LAST, unread_count=whole, status=one_of("active", "closed"), is_active=maybe(flag),
)  # fmt: skip
INSTAGRAM_MESSAGE = of(
    id=full, conversation=full, instagram_message_id=maybe(text), content=text, text_content=text,
    direction=one_of("inbound", "outbound"), message_type=full, media_url=maybe(text), is_from_business=flag,
    is_read=flag, status=one_of("pending", "sent", "delivered", "read", "received", "failed"), sent_at=maybe(date),
    created_at=date,
)  # fmt: skip
#: The seed's page says `seen` for `read`.
INSTAGRAM_SEED_MESSAGE = more(
    INSTAGRAM_MESSAGE, status=one_of("pending", "sent", "delivered", "seen", "received", "failed")
)
INSTAGRAM_STATS = of(
    total_conversations=whole, active_conversations=whole, total_messages=whole, unread_messages=whole,
    last_message_at=maybe(date),
)  # fmt: skip

MESSENGER_ACCOUNT = of(
    id=full, name=text, page_id=full, page_name=full, status=full, is_active=flag, webhook_verified=flag,
    auto_response_enabled=flag, human_handoff_enabled=flag, created_at=date, updated_at=date,
)  # fmt: skip
MESSENGER_CONVERSATION = of(
    id=full, account=full, psid=full, participant_name=maybe(text), participant_profile_pic=maybe(text), status=full,
    is_active=flag, unread_count=whole, last_message_at=maybe(date), last_message_preview=maybe(text),
    last_message=_LAST, created_at=date, updated_at=date,
)  # fmt: skip
#: Where the other generation has an object the seed's page shows a text.
MESSENGER_SEED_CONVERSATION = more(
    MESSENGER_CONVERSATION, sender_id=full, sender_name=text, last_message=text, is_bot_active=flag,
    handover_status=STANDING,
)  # fmt: skip
MESSENGER_MESSAGE = of(
    id=full, conversation=full, message_type=full, content=text, direction=maybe(one_of("inbound", "outbound")),
    attachment_url=maybe(text), is_from_page=flag, is_read=flag, status=maybe(text), sent_at=date, created_at=date,
    sender_id=full, sender_name=text, is_from_bot=flag, attachments=maybe(some),
)  # fmt: skip
MESSENGER_PROFILE = of(greeting=some, ice_breakers=some, persistent_menu=some, whitelisted_domains=some)
