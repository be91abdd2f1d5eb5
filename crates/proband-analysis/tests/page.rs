//! The page on findings names every statistic and every method, and no other.

use proband_analysis::{Category, StatisticName};

const PAGE: &str = include_str!("../../proband/book/findings.md");

/// The words in backquotes in the first cells of the table under a heading.
fn words(heading: &str) -> Vec<&'static str> {
    let section = PAGE.split("\n## ").find(|section| section.starts_with(heading));
    let rows = section.expect("the heading").lines().filter(|line| line.starts_with("| `"));
    rows.flat_map(|row| row.split('|').nth(1).unwrap_or("").split('`').skip(1).step_by(2))
        .collect()
}

#[test]
fn every_statistic_in_order() {
    let names: Vec<&str> = StatisticName::ALL.iter().map(|s| s.name()).collect();
    assert_eq!(words("Statistics"), names);
}

#[test]
fn every_word_has_its_value_back() {
    for &statistic in StatisticName::ALL {
        assert_eq!(StatisticName::named(statistic.name()), Some(statistic));
    }
    for category in Category::ALL {
        assert_eq!(Category::named(category.name()), Some(category));
    }
}
