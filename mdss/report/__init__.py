"""What people see: words for numbers, tables, figures. Data in, text or figure out."""
