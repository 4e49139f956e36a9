"""What readers of programming languages share: values, names that are followed, calls."""
