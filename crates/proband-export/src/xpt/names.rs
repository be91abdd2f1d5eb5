//! How names, labels and texts are made to fit.

/// Characters of a name.
const NAME: usize = 8;
/// Bytes of a label.
pub(super) const LABEL: usize = 40;
/// Bytes of a text.
const TEXT: usize = 200;

/// A name of at most 8 capitals, digits and `_` that none of the others is: the name's first 8, the last of
/// them replaced by a number where that is taken.
pub(super) fn short<'a>(name: &str, others: impl Iterator<Item = &'a str> + Clone) -> String {
    let mut plain: String = name.chars().map(letter).collect();
    if plain.starts_with(|c: char| c.is_ascii_digit()) || plain.is_empty() {
        plain.insert(0, '_');
    }
    let numbered = |number: usize| {
        let number = if number == 0 { String::new() } else { number.to_string() };
        format!("{:.*}{number}", NAME - number.len(), plain)
    };
    let is_free = |name: &String| !others.clone().any(|other| other == name);
    (0..).map(numbered).find(is_free).expect("there are more numbers than names")
}

fn letter(c: char) -> char {
    if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }
}

/// As much of a text as has room in so many bytes.
pub(super) fn clipped(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

/// A text in pieces of at most 200 bytes. None but the last ends with a blank, since readers take blanks at
/// the end away.
pub(crate) fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let piece = first_piece(text);
        rest = Some(&text[piece.len()..]).filter(|rest| !rest.is_empty());
        Some(piece)
    })
}

fn first_piece(text: &str) -> &str {
    let most = clipped(text, TEXT);
    let kept = most.trim_end_matches(' ');
    // Two hundred blanks have no other end.
    if most.len() == text.len() || kept.is_empty() { most } else { kept }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_eight_characters_and_stay_apart() {
        let mut names: Vec<String> = Vec::new();
        for name in ["STATISTIC", "STATISTICS", "fpg_seen", "2nd dose", "µ", "AGE", "STATIST1"]
        {
            let short = short(name, names.iter().map(String::as_str));
            names.push(short);
        }
        assert_eq!(
            names,
            ["STATISTI", "STATIST1", "FPG_SEEN", "_2ND_DOS", "_", "AGE", "STATIST2"]
        );
    }

    #[test]
    fn pieces_are_short_and_put_together_the_text() {
        let long = "word ".repeat(90) + &"µ".repeat(150);
        for text in ["", "short", &"x".repeat(200), &long, &" ".repeat(450)] {
            let all: Vec<&str> = pieces(text).collect();
            assert_eq!(all.concat(), *text);
            assert!(all.iter().all(|piece| piece.len() <= 200));
        }
        assert!(pieces(&long).all(|piece| !piece.ends_with(' ')));
        assert_eq!(pieces(&long).count(), 4);
    }
}
