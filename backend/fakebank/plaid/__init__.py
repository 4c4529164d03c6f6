"""A pretend Plaid over the bank: its calls, its hosted sign-in page, its webhooks."""
