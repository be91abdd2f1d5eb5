//! `[accrual]`: when people come to be screened, and where.

use crate::keys;
use crate::reading::Reading;
use crate::toml::{Entry, Node, Table, Value, wrong_type};
use crate::values::{self, point_words};
use crate::{Accrual, Process, Rate, Sites, Source};
use proband_diag::{Diagnostic, Span, code};

const PROCESSES: [(&str, Process); 2] =
    [("poisson", Process::Poisson), ("uniform", Process::Uniform)];

/// Reads `[accrual]`: none where it is not there, or has a fault.
pub(crate) fn read(file: &Node, reading: &mut Reading) -> Option<Accrual> {
    let entry = file.get("accrual")?;
    let table = Table::open(&entry.node, "accrual", keys::ACCRUAL, reading)?;
    let process =
        table.or("process", (Process::Poisson, "poisson"), reading, |node, reading| {
            values::word(&PROCESSES, node, reading)
        });
    Some(Accrual {
        start: table.read("start", reading, values::date),
        process,
        ramp: table.read("ramp", reading, values::positive_duration),
        sources: sources(&table, reading)?,
    })
}

/// The ways by which people come: the kinds of sites, or one that is none.
fn sources(table: &Table<'_>, reading: &mut Reading) -> Option<Vec<Source>> {
    let told = match table.get("sites") {
        None => Vec::new(),
        Some(entry) => sites(&entry.node, reading)?,
    };
    let by_rate = told.iter().any(|site| matches!(site.brings, Brings::Rate(_)));
    if by_rate {
        let message = "`accrual.rate` is not used where sites have rates of their own";
        table.unused("rate", message, reading);
        return each_with_its_rate(told, reading);
    }
    let why = "arrivals for screening, such as `rate = \"60 1/month\"`";
    let rates = table.required("rate", why, reading, rates)?;
    if told.is_empty() {
        return Some(vec![Source { sites: None, rates, opens: 0.0, closes: f64::INFINITY }]);
    }
    let span = table.get("sites").map_or(table.span(), |entry| entry.key_span);
    values::sum_to_one(told.iter().filter_map(Told::share), span, reading)?;
    let source = |site: Told| {
        let share = site.share()?;
        let part = |rate: &Rate| Rate { per_day: share * rate.per_day, ..*rate };
        Some(site.source(rates.iter().map(part).collect()))
    };
    told.into_iter().map(source).collect()
}

/// A kind of site as told.
struct Told {
    sites: Sites,
    brings: Brings,
    opens: f64,
    closes: f64,
    span: Span,
}

enum Brings {
    /// A share of all who come.
    Share(f64),
    /// So many a day.
    Rate(f64),
}

impl Told {
    fn share(&self) -> Option<f64> {
        match self.brings {
            Brings::Share(share) => Some(share),
            Brings::Rate(_) => None,
        }
    }

    fn source(self, rates: Vec<Rate>) -> Source {
        Source { sites: Some(self.sites), rates, opens: self.opens, closes: self.closes }
    }
}

fn each_with_its_rate(told: Vec<Told>, reading: &mut Reading) -> Option<Vec<Source>> {
    let source = |site: Told| {
        let Brings::Rate(per_day) = site.brings else {
            let message = format!(
                "`accrual.sites.{}` has a share, and other sites have a rate",
                site.sites.id
            );
            let fault = Diagnostic::error(code::CONFLICTING_KEYS, message, site.span);
            reading.fault(fault.help("give all of them a share, or all a rate"));
            return None;
        };
        Some(site.source(vec![Rate { from: 0.0, per_day }]))
    };
    told.into_iter().map(source).collect()
}

/// A rate, or a list of rates from times of the calendar on.
fn rates(node: &Node, reading: &mut Reading) -> Option<Vec<Rate>> {
    let Value::List(parts) = &node.value else {
        return Some(vec![Rate { from: 0.0, per_day: positive_rate(node, reading)? }]);
    };
    let read: Vec<Option<Rate>> = parts.iter().map(|part| rate_from(part, reading)).collect();
    let rates: Vec<Rate> = read.into_iter().collect::<Option<_>>()?;
    for (pair, part) in rates.windows(2).zip(&parts[1..]) {
        if pair[1].from <= pair[0].from {
            let (late, early) = (point_words(pair[0].from), point_words(pair[1].from));
            let message = format!("{early} does not come after {late}");
            let fault = Diagnostic::error(code::OUT_OF_RANGE, message, part.span);
            reading.fault(fault.help("rates stand in the order of time"));
            return None;
        }
    }
    if rates.iter().all(|rate| rate.per_day <= 0.0) {
        let message = "nobody ever comes: every rate is 0";
        reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, node.span));
        return None;
    }
    Some(rates)
}

fn rate_from(node: &Node, reading: &mut Reading) -> Option<Rate> {
    let table = Table::open(node, "accrual.rate", keys::ACCRUAL_RATE, reading)?;
    let why = "a time point of the calendar, such as `month 0`";
    let from = table.required("from", why, reading, calendar_day);
    let per_day = table.required("rate", "arrivals per time", reading, values::rate);
    let (from, per_day) = (from?, per_day?);
    if per_day >= 0.0 {
        return Some(Rate { from, per_day });
    }
    negative(table.get("rate"), reading)
}

fn positive_rate(node: &Node, reading: &mut Reading) -> Option<f64> {
    let rate = values::rate(node, reading)?;
    if rate > 0.0 {
        return Some(rate);
    }
    let message = "a rate of arrivals is above 0";
    reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, node.span));
    None
}

fn negative<T>(entry: Option<&Entry>, reading: &mut Reading) -> Option<T> {
    let message = "a rate of arrivals is not below 0";
    let span = entry?.node.span;
    reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, span));
    None
}

/// A time point of the trial's calendar, which begins with the first day of accrual.
pub(crate) fn calendar_day(node: &Node, reading: &mut Reading) -> Option<f64> {
    let day = values::point(node, reading)?.day;
    if day >= 0.0 {
        return Some(day);
    }
    let message = "the calendar of a trial begins with the first day of accrual";
    let fault = Diagnostic::error(code::OUT_OF_RANGE, message, node.span);
    reading.fault(fault.help("write `month 0` for that day"));
    None
}

fn sites(node: &Node, reading: &mut Reading) -> Option<Vec<Told>> {
    if !matches!(node.value, Value::Table(_)) {
        reading.fault(wrong_type(node, "sites are named tables"));
        return None;
    }
    let read: Vec<Option<Told>> =
        node.entries().iter().map(|entry| site(entry, reading)).collect();
    read.into_iter().collect()
}

fn site(entry: &Entry, reading: &mut Reading) -> Option<Told> {
    values::id(&entry.key, entry.key_span, reading);
    let path = format!("accrual.sites.{}", entry.key);
    let table = Table::open(&entry.node, path, keys::SITE, reading)?;
    let brings = brings(&table, reading);
    let count = table.or("count", (1, "1"), reading, values::count);
    let sites = Sites {
        id: entry.key.clone(),
        count: u32::try_from(count).unwrap_or(u32::MAX),
        region: table.read("region", reading, values::text),
    };
    let opens = table.or("opens", (0.0, "month 0"), reading, calendar_day);
    let closes = table.read("closes", reading, calendar_day).unwrap_or(f64::INFINITY);
    if closes <= opens {
        let message = format!("`{}` closes before it opens", table.path());
        reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, entry.key_span));
    }
    Some(Told { sites, brings: brings?, opens, closes, span: entry.key_span })
}

fn brings(table: &Table<'_>, reading: &mut Reading) -> Option<Brings> {
    table.one_of(&["share", "rate"], "says how many it brings", reading);
    if table.has("rate") {
        return table.read("rate", reading, positive_rate).map(Brings::Rate);
    }
    let why = "its part of all who come, or `rate`";
    table.required("share", why, reading, values::part).map(Brings::Share)
}
