"""The bank itself: institutions, logins, accounts and lines. It knows no protocol."""
