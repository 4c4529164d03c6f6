"""The hosted sign-in page: where a person chooses a bank, signs in and chooses accounts."""
