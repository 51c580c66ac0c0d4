"""Appeals, tickets, their life cycle and thread, dispatch and deadlines."""
