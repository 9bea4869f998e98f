//! Where an [`IdentityAssertionFlow`](super::IdentityAssertionFlow) stands, and what it holds there.

use crate::dpop::Dpop;
use crate::endpoint::token::{TokenRequest, TokenResponse};
use crate::flow::error::FlowError;
use crate::flow::exchange::TokenFlow;
use crate::flow::table::transitions;
use crate::value::{Entropy, Secret};

transitions! {
    states Name { Ready, Asserting, Redeeming, Done, NotAsserted, NotRedeemed }
    events { Started, NotBuilt, Asserted, AssertionFailed, Answered, RedemptionFailed }
    Ready + Started => Asserting;
    Ready + NotBuilt => NotAsserted;
    Asserting + Asserted if "the answer is an identity assertion" => Redeeming;
    Asserting + AssertionFailed => NotAsserted;
    Redeeming + Answered => Done;
    Redeeming + RedemptionFailed => NotRedeemed;
}

/// Where it stands. The tokens are there until they are handed out.
pub(super) enum State {
    Ready(Box<Question>),
    /// `dpop` is for the second exchange, if the first one has none.
    Asserting {
        flow: Box<TokenFlow>,
        dpop: Option<Box<Dpop>>,
    },
    Redeeming {
        flow: Box<TokenFlow>,
        assertion: Secret,
    },
    Done {
        tokens: Option<Box<TokenResponse>>,
        flow: Box<TokenFlow>,
        assertion: Secret,
    },
    NotAsserted {
        error: FlowError,
        dpop: Option<Box<Dpop>>,
    },
    NotRedeemed {
        error: FlowError,
        flow: Box<TokenFlow>,
        assertion: Secret,
    },
}

/// What is to be asked, until it is.
pub(super) struct Question {
    pub(super) request: TokenRequest,
    pub(super) audience: Option<String>,
    pub(super) entropy: Entropy,
    pub(super) dpop: Option<Box<Dpop>>,
    pub(super) both_bound: bool,
}

impl State {
    pub(super) const fn name(&self) -> Name {
        match self {
            Self::Ready(_) => Name::Ready,
            Self::Asserting { .. } => Name::Asserting,
            Self::Redeeming { .. } => Name::Redeeming,
            Self::Done { .. } => Name::Done,
            Self::NotAsserted { .. } => Name::NotAsserted,
            Self::NotRedeemed { .. } => Name::NotRedeemed,
        }
    }

    /// The exchange under way.
    pub(super) const fn flow(&mut self) -> Option<&mut TokenFlow> {
        match self {
            Self::Asserting { flow, .. } | Self::Redeeming { flow, .. } => Some(flow),
            _ => None,
        }
    }
}
