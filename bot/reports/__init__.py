"""Figures for managers and accounting."""
