//! 拒绝: the region's refusals in their order of precedence.

use policy::{Says, Stage};
use terms::LineNo;

use crate::Stop;
use crate::env::Env;
use crate::facts::Refusal;

/// Which refusals are asked.
pub(crate) enum Asked<'a> {
    /// Those that do not look at a line.
    Once,
    /// Those that look at this line.
    OfLine(&'a LineNo),
}

/// Stops with the first refusal of `stage` whose condition holds.
pub(crate) fn refuse<'a>(env: &mut Env<'a>, stage: Stage, asked: Asked) -> Result<(), Stop> {
    let law = env.law;
    for refusal in law.refusals.iter().filter(|refusal| refusal.at == stage) {
        let feedetl_sn = match asked {
            Asked::Once if refusal.per_line => continue,
            Asked::OfLine(_) if !refusal.per_line => continue,
            Asked::Once => None,
            Asked::OfLine(number) => Some(number.clone()),
        };
        if !env.flag(&refusal.when)? {
            continue;
        }
        let mut message = String::new();
        for piece in &refusal.says {
            match piece {
                Says::Words(words) => message.push_str(words),
                // The words must not fail where the condition did not: a missing fact shows as “?”.
                Says::Show(formula) => match env.eval(&formula.expr) {
                    Ok(value) => message.push_str(&value.words(formula.kind)),
                    Err(_) => message.push('?'),
                },
            }
        }
        return Err(Stop::Refused(Refusal {
            code: refusal.code.clone(),
            feedetl_sn,
            message,
            article: refusal.article.clone(),
        }));
    }
    Ok(())
}
