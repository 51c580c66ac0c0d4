"""What all conversations use: who acts, filters, recording, the menu."""
