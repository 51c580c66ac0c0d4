"""Who is speaking: accounts, phones, invitations, strangers."""
