"""Companies, people, contracts and objects of service; who someone is and what they may do."""
