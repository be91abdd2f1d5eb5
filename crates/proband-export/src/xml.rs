//! Texts as XML has them.

use std::borrow::Cow;

/// A text for the content of an element or an attribute within quotation marks, where a reader would take
/// the ends of lines for blanks. Characters that XML 1.0 does not have become U+FFFD.
pub(crate) fn escaped(text: &str) -> Cow<'_, str> {
    let plain =
        |c: char| !matches!(c, '&' | '<' | '>' | '"' | '\t' | '\n' | '\r') && is_of_xml(c);
    if text.chars().all(plain) {
        return text.into();
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' => escaped.push_str("&#9;"),
            '\n' => escaped.push_str("&#10;"),
            '\r' => escaped.push_str("&#13;"),
            c if is_of_xml(c) => escaped.push(c),
            _ => escaped.push('\u{FFFD}'),
        }
    }
    escaped.into()
}

/// <https://www.w3.org/TR/xml/#charsets>
fn is_of_xml(c: char) -> bool {
    matches!(c, ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_reads_otherwise_is_escaped() {
        assert_eq!(escaped("a < \"b\" & c\u{1}"), "a &lt; &quot;b&quot; &amp; c\u{FFFD}");
        assert_eq!(escaped("two\nlines"), "two&#10;lines");
        assert!(matches!(escaped("µmol/L ≥ 1"), Cow::Borrowed(_)));
    }
}
