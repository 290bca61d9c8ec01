"""The desk's custom actions: together they do to a conversation all that an action can."""
