"""What customers have agreed to, and what they have taken back."""
