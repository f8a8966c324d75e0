"""Notifiers: send notifications to services outside."""
