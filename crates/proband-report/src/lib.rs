//! Findings to text and Markdown
