/* What the page knows: the accounts, and whether a product is there for demonstrations. */
export const page = { accounts: [], demo: false, customers: new Map(), feed: null };

export function accountsOf(network) { return page.accounts.filter((account) => account.channel === network); }
