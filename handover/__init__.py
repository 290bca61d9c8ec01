"""How operators reach us: REST now, one file a resource. Nothing here decides who may speak; `conversation/` does."""
