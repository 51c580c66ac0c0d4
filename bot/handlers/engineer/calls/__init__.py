"""«Звонок»: phone calls as labour."""
