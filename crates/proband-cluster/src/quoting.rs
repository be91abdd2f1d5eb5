//! Words for shells and schedulers.

use std::fmt::Write;
use std::path::Path;

/// A path as one word of a POSIX shell, whatever is in it.
pub(crate) fn shell(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', r"'\''"))
}

/// A path in a line of `#SBATCH`, before `rest`: within double quotes, where a backslash takes the meaning
/// away from the next character, and a percent sign stands for itself when it is doubled.
pub(crate) fn sbatch(path: &Path, rest: &str) -> String {
    let mut word = String::from("\"");
    for letter in path.display().to_string().chars() {
        match letter {
            '"' | '\\' => _ = write!(word, "\\{letter}"),
            '%' => word.push_str("%%"),
            other => word.push(other),
        }
    }
    word + rest + "\""
}

/// Numbers in increasing order as schedulers write them: `0-3,7`.
#[must_use]
pub fn ranges(numbers: impl IntoIterator<Item = u32>) -> String {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => ranges.push((number, number)),
        }
    }
    let told = ranges.into_iter().map(|(first, last)| match last - first {
        0 => first.to_string(),
        _ => format!("{first}-{last}"),
    });
    told.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_word_whatever_is_in_it() {
        let path = Path::new("/a b/$(rm -rf ~)/it's `x`; #\"q\"");
        let echo = format!("printf %s {}", shell(path));
        let said = std::process::Command::new("sh").args(["-c", &echo]).output().unwrap();
        assert_eq!(String::from_utf8(said.stdout).unwrap(), path.display().to_string());
    }

    #[test]
    fn a_log_is_named_as_it_is() {
        let log = sbatch(Path::new("/a \"b\"/100%/c\\d"), "/%A_%a.log");
        assert_eq!(log, r#""/a \"b\"/100%%/c\\d/%A_%a.log""#);
    }

    #[test]
    fn numbers_are_written_as_ranges() {
        assert_eq!(ranges([0, 1, 2, 3, 7, 9, 10]), "0-3,7,9-10");
        assert_eq!(ranges([]), "");
    }
}
