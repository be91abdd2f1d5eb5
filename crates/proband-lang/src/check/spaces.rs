//! Spaces of names: what a file declares, what it merges, and the instances of files below it.

use super::sets::Member;
use super::world::{Bound, Entry, FileId, Frame, Instances, Named, Space, SpaceId, World};
use crate::syntax::{Head, Name, Statement, StatementKind};
use proband_diag::{Diagnostic, code};
use std::collections::BTreeMap;
use std::rc::Rc;

impl World {
    /// The space of a file: its names, those of the files it merges, and below it those of the files
    /// that it keeps apart.
    pub(crate) fn open_space(
        &mut self,
        file: FileId,
        prefix: String,
        bindings: BTreeMap<String, Rc<Bound>>,
    ) -> SpaceId {
        let id = self.spaces.len();
        self.spaces.push(Space { prefix, bindings, ..Space::default() });
        let mut statements = Vec::new();
        self.gather(id, file, &mut statements, &mut Vec::new());
        self.spaces[id].statements = statements;
        self.declare_sets(id);
        self.declare_names(id);
        for (statement, file) in self.spaces[id].statements.clone() {
            if let StatementKind::Use { name: Some(head), path_span, .. } = &statement.kind {
                match self.uses.get(path_span) {
                    Some(&used) => self.open_instances(id, file, &statement, head, used),
                    None => self.declare(id, &head.name, Entry::Silent, "file"),
                }
            }
        }
        id
    }

    /// The statements of a file, after those of the files it merges.
    fn gather(
        &mut self,
        space: SpaceId,
        file: FileId,
        statements: &mut Vec<(Rc<Statement>, FileId)>,
        merged: &mut Vec<FileId>,
    ) {
        merged.push(file);
        let own = self.files[file].tree.statements.clone();
        for statement in &own {
            let StatementKind::Use { path_span, name: None, .. } = &statement.kind else {
                continue;
            };
            match self.uses.get(path_span).copied() {
                None => self.spaces[space].any_name = true,
                Some(used) if merged.contains(&used) => {}
                Some(used) => {
                    let frame = Frame { space, file, indices: Vec::new(), locals: Vec::new() };
                    let bound = self.bindings(statement, &frame, used);
                    self.spaces[space].bindings.extend(bound);
                    self.gather(space, used, statements, merged);
                }
            }
        }
        statements.extend(own.into_iter().map(|statement| (statement, file)));
    }

    fn bindings(
        &self,
        statement: &Rc<Statement>,
        frame: &Frame,
        used: FileId,
    ) -> BTreeMap<String, Rc<Bound>> {
        let StatementKind::Use { bindings, .. } = &statement.kind else {
            return BTreeMap::new();
        };
        let bound = |position: usize| {
            Rc::new(Bound {
                statement: statement.clone(),
                position,
                frame: frame.clone(),
                file_name: self.files[used].name.clone(),
            })
        };
        let named = bindings.iter().enumerate();
        named.map(|(position, b)| (b.name.text.clone(), bound(position))).collect()
    }

    fn open_instances(
        &mut self,
        space: SpaceId,
        file: FileId,
        statement: &Rc<Statement>,
        head: &Head,
        used: FileId,
    ) {
        let (Some(over), Some(unrolled)) =
            (self.axes(space, &head.axes), self.unroll(space, file, &head.axes))
        else {
            self.declare(space, &head.name, Entry::Silent, "file");
            return;
        };
        let mut members: BTreeMap<Vec<Member>, SpaceId> = BTreeMap::new();
        for (key, frame) in unrolled {
            let full = format!("{}{}", self.spaces[space].prefix, head.name.text);
            let prefix = format!("{}.", member_name(&full, &key));
            let bindings = self.bindings(statement, &frame, used);
            members.insert(key, self.open_space(used, prefix, bindings));
        }
        self.check_bindings(statement, &members, used);
        let axes = over.into_iter().map(|axis| axis.set).collect();
        let entry = Entry::Instances(Rc::new(Instances { axes, members }));
        self.declare(space, &head.name, entry, "file");
    }

    /// Every name after `with` must be one that can be replaced.
    fn check_bindings(
        &mut self,
        statement: &Rc<Statement>,
        members: &BTreeMap<Vec<Member>, SpaceId>,
        used: FileId,
    ) {
        if let Some(&space) = members.values().next() {
            self.check_bindings_of(statement, space, used);
        }
    }

    pub(crate) fn check_bindings_of(
        &mut self,
        statement: &Rc<Statement>,
        space: SpaceId,
        used: FileId,
    ) {
        let StatementKind::Use { bindings, .. } = &statement.kind else { return };
        for binding in bindings {
            let name = &binding.name;
            let file = &self.files[used].name;
            let known = &self.spaces[space];
            let fault = match known.names.get(&name.text) {
                None if known.any_name || known.silenced.contains(&name.text) => continue,
                None => {
                    let names = known.names.keys().map(String::as_str);
                    let meant = proband_diag::nearest(&name.text, names);
                    let message = format!("`{file}` has no `{}`", name.text);
                    Diagnostic::error(code::UNKNOWN_NAME, message, name.span)
                        .maybe_help(meant.map(|n| format!("did you mean `{n}`?")))
                }
                Some(named) if ["covariate", "input", "param"].contains(&named.word) => {
                    continue;
                }
                Some(named) => {
                    let message = format!(
                        "`{}` of `{file}` is {} and cannot be replaced",
                        name.text,
                        with_article(named.word)
                    );
                    Diagnostic::error(code::NOT_BINDABLE, message, name.span)
                        .help("`with` replaces a covariate, an input or a parameter")
                }
            };
            self.faults.push(fault);
        }
    }

    /// Declares a name in a space; a fault if it is taken.
    pub(crate) fn declare(
        &mut self,
        space: SpaceId,
        name: &Name,
        entry: Entry,
        word: &'static str,
    ) {
        if let Some(first) = self.spaces[space].names.get(&name.text) {
            let message = format!("`{}` is declared twice", name.text);
            let fault = Diagnostic::error(code::DUPLICATE_NAME, message, name.span)
                .label(first.span, "first here")
                .help(self.declared_before(first.word, first.span, name.span));
            self.faults.push(fault);
            return;
        }
        let entry = if self.is_refused(name) { Entry::Silent } else { entry };
        self.spaces[space]
            .names
            .insert(name.text.clone(), Named { entry, word, span: name.span });
    }

    /// Whether a name is a word of the language, which is reported.
    pub(crate) fn is_refused(&mut self, name: &Name) -> bool {
        let refused = super::expression::is_reserved(&name.text);
        if refused {
            let message =
                format!("`{}` is a word of the language and cannot be a name", name.text);
            self.faults.push(Diagnostic::error(code::RESERVED_NAME, message, name.span));
        }
        refused
    }
}

/// `a[liver]`, `w[1, 2]`, or the name alone.
pub(crate) fn member_name(name: &str, key: &[Member]) -> String {
    if key.is_empty() {
        return name.to_owned();
    }
    let members: Vec<String> = key.iter().map(ToString::to_string).collect();
    format!("{name}[{}]", members.join(", "))
}

/// `a state`, `an input`.
pub(crate) fn with_article(word: &str) -> String {
    let article = if word.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {word}")
}
