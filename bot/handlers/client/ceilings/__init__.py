"""«Без звонка»: what may be done without asking."""
