"""Groups of tampered records; mutate_record.py puts them together."""
