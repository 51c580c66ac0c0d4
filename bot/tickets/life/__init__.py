"""A ticket's life: its moves, deadlines and card, and who may see and do what with it."""
