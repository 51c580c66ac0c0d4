"""Money: terms, prices, hours, quotes, the decision who pays, statements and documents."""
