"""What people say: recorded, put together into a draft, or looked at by the dispatcher."""
