//! `[accrual]`: when people come to be screened, and where.

/// Arrivals on the trial's calendar, whose times are days since the first day of accrual.
#[derive(Clone, Debug, PartialEq)]
pub struct Accrual {
    /// The first day of accrual, in days since 1970-01-01; without it a trial has no dates.
    pub start: Option<i32>,
    /// How arrivals are spread around their expected number.
    pub process: Process,
    /// Over this time the rates rise linearly from 0.
    pub ramp: Option<f64>,
    /// Where people come from; one that is no site, if the trial names no sites. Never empty.
    pub sources: Vec<Source>,
}

impl Accrual {
    /// The regions of the sites, in the order of the file.
    #[must_use]
    pub fn regions(&self) -> Vec<&str> {
        let sites = self.sources.iter().filter_map(|source| source.sites.as_ref());
        distinct(sites.filter_map(|sites| sites.region.as_deref()))
    }
}

/// Words, each once, in the order in which they come first.
pub(crate) fn distinct<'a>(words: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut found = Vec::new();
    for word in words {
        if !found.contains(&word) {
            found.push(word);
        }
    }
    found
}

/// How arrivals are spread around their expected number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Process {
    /// A Poisson process.
    Poisson,
    /// At even intervals of the expected number: each arrives in the middle of its own.
    Uniform,
}

/// People who come by one way.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// A kind of site; none where the trial names no sites.
    pub sites: Option<Sites>,
    /// Arrivals per day from a day on, by increasing days; none before the first.
    pub rates: Vec<Rate>,
    /// Nobody comes before.
    pub opens: f64,
    /// Nobody comes from then on; infinite where that day is never.
    pub closes: f64,
}

/// A kind of site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sites {
    /// The id.
    pub id: String,
    /// How many there are of it, each as likely as the next.
    pub count: u32,
    /// REGION1.
    pub region: Option<String>,
}

/// A rate in force from a day on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// The day of the calendar.
    pub from: f64,
    /// Arrivals per day.
    pub per_day: f64,
}
