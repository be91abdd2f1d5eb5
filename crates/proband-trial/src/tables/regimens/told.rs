//! Regimens as told: by arms, epochs and tables of their own, with the keys they take by `use`.

use crate::expression::RegimenName;
use crate::keys;
use crate::reading::Reading;
use crate::tables::named::named;
use crate::toml::{Entry, Node, Table, Text, Value, wrong_type};
use crate::words::unnamed;
use proband_diag::{Diagnostic, Span, code};

/// The regimens of a trial as told: keys of `use` merged in, each once.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) list: Vec<OneTold>,
}

/// A regimen as told.
#[derive(Debug)]
pub(crate) struct OneTold {
    pub(crate) id: String,
    /// Its own id and those it takes keys from, innermost first.
    pub(crate) names: Vec<String>,
    pub(super) path: String,
    /// Its keys, with those of `use`.
    pub(super) node: Node,
    /// Of an epoch's own regimen.
    pub(super) epoch: Option<String>,
    /// It is the table `[regimen.ID]` itself.
    shared: bool,
}

/// Who gives regimens: an arm, or an epoch.
pub(crate) struct Giver<'a> {
    pub(crate) id: &'a str,
    pub(crate) path: String,
    pub(crate) epoch: Option<&'a str>,
}

/// The tables `[regimen.ID]`, opened once for their own faults.
pub(crate) fn tables<'a>(file: &'a Node, reading: &mut Reading) -> &'a [Entry] {
    let entries = named(file, "regimen", reading);
    for entry in entries {
        let path = format!("regimen.{}", entry.key);
        Table::open(&entry.node, path, keys::REGIMEN, reading);
    }
    entries
}

impl Told {
    /// The regimens that an arm or epoch gives: an id, a table, or a list of both.
    pub(crate) fn of(
        &mut self,
        giver: &Giver<'_>,
        node: &Node,
        tables: &[Entry],
        reading: &mut Reading,
    ) -> Vec<usize> {
        let items = match &node.value {
            Value::List(items) => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        items.iter().filter_map(|item| self.one(giver, item, tables, reading)).collect()
    }

    fn one(
        &mut self,
        giver: &Giver<'_>,
        node: &Node,
        tables: &[Entry],
        reading: &mut Reading,
    ) -> Option<usize> {
        match &node.value {
            Value::Text(id) => self.shared(id, giver.epoch, tables, reading),
            Value::Table(_) => {
                let path = format!("{}.regimen", giver.path);
                Table::open(node, path.clone(), keys::REGIMEN, reading)?;
                let (node, mut names) = merged(node, tables, reading);
                names.insert(0, giver.id.to_owned());
                let epoch = giver.epoch.map(str::to_owned);
                let id = giver.id.to_owned();
                self.list.push(OneTold { id, names, path, node, epoch, shared: false });
                Some(self.list.len() - 1)
            }
            _ => {
                let needed = "a regimen is an id, a table, or a list of both";
                reading.fault(wrong_type(node, needed));
                None
            }
        }
    }

    /// The regimen of a table `[regimen.ID]`.
    pub(crate) fn shared(
        &mut self,
        id: &Text,
        epoch: Option<&str>,
        tables: &[Entry],
        reading: &mut Reading,
    ) -> Option<usize> {
        let known = |told: &OneTold| {
            told.shared && told.id == id.text && told.epoch.as_deref() == epoch
        };
        if let Some(index) = self.list.iter().position(known) {
            return Some(index);
        }
        let entry = table(id, tables, reading)?;
        let (node, mut names) = merged(&entry.node, tables, reading);
        names.insert(0, entry.key.clone());
        self.list.push(OneTold {
            id: entry.key.clone(),
            names,
            path: format!("regimen.{}", entry.key),
            node,
            epoch: epoch.map(str::to_owned),
            shared: true,
        });
        Some(self.list.len() - 1)
    }

    /// How expressions name them; units come with [`Told::read`].
    pub(crate) fn names(&self) -> Vec<RegimenName> {
        let name = |told: &OneTold| RegimenName { names: told.names.clone(), unit: None };
        self.list.iter().map(name).collect()
    }
}

fn table<'a>(id: &Text, tables: &'a [Entry], reading: &mut Reading) -> Option<&'a Entry> {
    let found = tables.iter().find(|entry| entry.key == id.text);
    if found.is_none() {
        let known = tables.iter().map(|entry| entry.key.as_str());
        reading.fault(unnamed("regimen", &id.text, id.place(), known));
    }
    found
}

/// A regimen with the keys that it takes by `use`, and the ids it takes them from.
fn merged(node: &Node, tables: &[Entry], reading: &mut Reading) -> (Node, Vec<String>) {
    let mut entries: Vec<Entry> = known_entries(node).cloned().collect();
    let mut names: Vec<String> = Vec::new();
    let mut at = node;
    while let Some(id) = at.get("use").and_then(|entry| entry.node.as_text()) {
        let Some(base) = table(id, tables, reading) else { break };
        if names.contains(&base.key) {
            let message = format!("`regimen.{}` uses itself", base.key);
            let span = id.place();
            reading.fault(Diagnostic::error(code::CIRCULAR_DEFINITION, message, span));
            break;
        }
        names.push(base.key.clone());
        for entry in known_entries(&base.node) {
            if !entries.iter().any(|own| own.key == entry.key) {
                entries.push(entry.clone());
            }
        }
        at = &base.node;
    }
    (Node { value: Value::Table(entries), span: node.span }, names)
}

/// The entries whose keys are known; the others were reported where they stand.
fn known_entries(node: &Node) -> impl Iterator<Item = &Entry> {
    node.entries().iter().filter(|entry| keys::REGIMEN.contains(&entry.key.as_str()))
}

/// Reports regimen tables that nobody gives or uses.
pub(crate) fn unused(tables: &[Entry], told: &Told, reading: &mut Reading) {
    for entry in tables {
        let used = told.list.iter().any(|regimen| regimen.names.contains(&entry.key));
        if !used {
            reading.fault(unused_table(&entry.key, entry.key_span));
        }
    }
}

fn unused_table(id: &str, span: Span) -> Diagnostic {
    let message = format!("nobody is given `regimen.{id}`");
    Diagnostic::error(code::UNUSED_TABLE, message, span)
        .help(format!("name it in an arm, `regimen = \"{id}\"`, or remove it"))
}
