//! "Did you mean": the nearest of some names.

/// The candidate that is close enough to `name` to be what its author meant, if one is.
///
/// Distance is optimal string alignment (insert, delete, replace, swap neighbours) without regard
/// to case; a candidate counts when at most a third of the longer word is wrong, so that short
/// names need to be nearly right. A difference in case alone always counts. Ties go to the first.
#[must_use]
pub fn nearest<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let wanted: Vec<char> = name.to_lowercase().chars().collect();
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        if candidate == name {
            continue;
        }
        let other: Vec<char> = candidate.to_lowercase().chars().collect();
        let longest = wanted.len().max(other.len());
        let allowed = (longest / 3).max(usize::from(longest > 1));
        // The lengths alone rule most out, and spare the table for a name of a million characters.
        if wanted.len().abs_diff(other.len()) > allowed {
            continue;
        }
        let distance = alignment_distance(&wanted, &other);
        if distance <= allowed && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// `did you mean ...?`, where a candidate is near enough to `name`.
#[must_use]
pub fn did_you_mean<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    nearest(name, candidates).map(|near| format!("did you mean `{near}`?"))
}

fn alignment_distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut previous: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replace = previous[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replace.min(previous[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut previous, row);
    }
    previous[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn slips_of_the_keyboard_are_found() {
        assert_eq!(nearest("evry", ["over", "every", "route"]), Some("every"));
        assert_eq!(nearest("hihg", ["low", "high"]), Some("high"));
        assert_eq!(nearest("vl", ["cl", "v1"]), Some("cl"));
        assert_eq!(nearest("KA", ["kb", "ka"]), Some("ka"));
    }

    #[test]
    fn other_words_are_not() {
        assert_eq!(nearest("zebra", ["every", "route"]), None);
        assert_eq!(nearest("x", ["y"]), None);
    }
}
