//! 经办中心 of a region: the folder as the journeys take it.

use std::collections::BTreeMap;
use std::sync::Arc;

use journeys::{Books, Centre, Clearing, FundRole, Limits};

use crate::{Fund, Region};

impl Region {
    /// The centre that this folder describes: its law, catalogue, institutions and books.
    #[must_use]
    pub fn into_centre(self, lines_a_message: usize) -> Centre {
        let clearing = &self.manifest.clearing;
        Centre {
            region: self.manifest.area.as_str().into(),
            books: Arc::new(books(&self.manifest.fund)),
            clearing: Arc::new(Clearing {
                clr_type: clearing.clr_type.clone(),
                other_clr_type: clearing.other_clr_type.clone(),
                clr_way: clearing.clr_way.clone(),
                clr_optins: clearing.clr_optins.clone(),
            }),
            limits: Limits { lines: lines_a_message },
            credentials: None,
            supervision: None,
            law: Arc::new(self.law),
            catalogue: Arc::new(self.items),
            institutions: Arc::new(self.institutions),
        }
    }
}

fn books(funds: &[Fund]) -> Books {
    let role = |fund: &Fund| match fund.ledger.as_str() {
        "account" => Some(FundRole::Account),
        "hospital" => Some(FundRole::Hospital),
        _ => None,
    };
    let mut of_scheme: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for fund in funds {
        for scheme in &fund.schemes {
            of_scheme.entry(scheme.clone()).or_default().push(fund.code.clone());
        }
    }
    Books { roles: funds.iter().filter_map(|fund| Some((fund.code.clone(), role(fund)?))).collect(), funds: of_scheme }
}
