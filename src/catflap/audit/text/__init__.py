"""What the sources share: lines, words, templates, references, code within documents."""
