//! The specifications that may be cited. A number that is not here is taken for a slip of the pen.

/// RFC numbers and titles, as the RFC Editor has them.
pub const RFC_TITLES: &[(u16, &str)] = &[
    (2104, "HMAC: Keyed-Hashing for Message Authentication"),
    (2119, "Key words for use in RFCs to Indicate Requirement Levels"),
    (
        3279,
        "Algorithms and Identifiers for the Internet X.509 Public Key Infrastructure Certificate and Certificate Revocation List (CRL) Profile",
    ),
    (3339, "Date and Time on the Internet: Timestamps"),
    (3986, "Uniform Resource Identifier (URI): Generic Syntax"),
    (4648, "The Base16, Base32, and Base64 Data Encodings"),
    (
        5208,
        "Public-Key Cryptography Standards (PKCS) #8: Private-Key Information Syntax Specification Version 1.2",
    ),
    (5915, "Elliptic Curve Private Key Structure"),
    (5958, "Asymmetric Key Packages"),
    (6585, "Additional HTTP Status Codes"),
    (6749, "The OAuth 2.0 Authorization Framework"),
    (6750, "The OAuth 2.0 Authorization Framework: Bearer Token Usage"),
    (6901, "JavaScript Object Notation (JSON) Pointer"),
    (
        6979,
        "Deterministic Usage of the Digital Signature Algorithm (DSA) and Elliptic Curve Digital Signature Algorithm (ECDSA)",
    ),
    (7009, "OAuth 2.0 Token Revocation"),
    (7468, "Textual Encodings of PKIX, PKCS, and CMS Structures"),
    (7515, "JSON Web Signature (JWS)"),
    (7516, "JSON Web Encryption (JWE)"),
    (7517, "JSON Web Key (JWK)"),
    (7518, "JSON Web Algorithms (JWA)"),
    (7519, "JSON Web Token (JWT)"),
    (7521, "Assertion Framework for OAuth 2.0 Client Authentication and Authorization Grants"),
    (
        7522,
        "Security Assertion Markup Language (SAML) 2.0 Profile for OAuth 2.0 Client Authentication and Authorization Grants",
    ),
    (
        7523,
        "JSON Web Token (JWT) Profile for OAuth 2.0 Client Authentication and Authorization Grants",
    ),
    (7591, "OAuth 2.0 Dynamic Client Registration Protocol"),
    (7592, "OAuth 2.0 Dynamic Client Registration Management Protocol"),
    (7617, "The 'Basic' HTTP Authentication Scheme"),
    (7636, "Proof Key for Code Exchange by OAuth Public Clients"),
    (7638, "JSON Web Key (JWK) Thumbprint"),
    (7662, "OAuth 2.0 Token Introspection"),
    (7797, "JSON Web Signature (JWS) Unencoded Payload Option"),
    (7800, "Proof-of-Possession Key Semantics for JSON Web Tokens (JWTs)"),
    (8017, "PKCS #1: RSA Cryptography Specifications Version 2.2"),
    (8032, "Edwards-Curve Digital Signature Algorithm (EdDSA)"),
    (
        8037,
        "CFRG Elliptic Curve Diffie-Hellman (ECDH) and Signatures in JSON Object Signing and Encryption (JOSE)",
    ),
    (8141, "Uniform Resource Names (URNs)"),
    (8252, "OAuth 2.0 for Native Apps"),
    (8259, "The JavaScript Object Notation (JSON) Data Interchange Format"),
    (
        8410,
        "Algorithm Identifiers for Ed25519, Ed448, X25519, and X448 for Use in the Internet X.509 Public Key Infrastructure",
    ),
    (8414, "OAuth 2.0 Authorization Server Metadata"),
    (8470, "Using Early Data in HTTP"),
    (8615, "Well-Known Uniform Resource Identifiers (URIs)"),
    (8628, "OAuth 2.0 Device Authorization Grant"),
    (8693, "OAuth 2.0 Token Exchange"),
    (8705, "OAuth 2.0 Mutual-TLS Client Authentication and Certificate-Bound Access Tokens"),
    (8707, "Resource Indicators for OAuth 2.0"),
    (8725, "JSON Web Token Best Current Practices"),
    (9068, "JSON Web Token (JWT) Profile for OAuth 2.0 Access Tokens"),
    (9101, "The OAuth 2.0 Authorization Framework: JWT-Secured Authorization Request (JAR)"),
    (9110, "HTTP Semantics"),
    (9111, "HTTP Caching"),
    (9126, "OAuth 2.0 Pushed Authorization Requests"),
    (9207, "OAuth 2.0 Authorization Server Issuer Identification"),
    (9396, "OAuth 2.0 Rich Authorization Requests"),
    (9449, "OAuth 2.0 Demonstrating Proof of Possession (DPoP)"),
    (9457, "Problem Details for HTTP APIs"),
    (9470, "OAuth 2.0 Step Up Authentication Challenge Protocol"),
    (9700, "Best Current Practice for OAuth 2.0 Security"),
    (9701, "JSON Web Token (JWT) Response for OAuth Token Introspection"),
    (9728, "OAuth 2.0 Protected Resource Metadata"),
    (
        9864,
        "Fully-Specified Algorithms for JSON Object Signing and Encryption (JOSE) and CBOR Object Signing and Encryption (COSE)",
    ),
    (
        9964,
        "ML-DSA for JSON Object Signing and Encryption (JOSE) and CBOR Object Signing and Encryption (COSE)",
    ),
];

/// Other specifications: the name a citation uses, and where its document is.
pub const OTHER_SPECIFICATIONS: &[(&str, &str)] = &[
    ("OpenID Connect Core", "https://openid.net/specs/openid-connect-core-1_0.html"),
    ("OpenID Connect Discovery", "https://openid.net/specs/openid-connect-discovery-1_0.html"),
    (
        "OpenID Connect RP-Initiated Logout",
        "https://openid.net/specs/openid-connect-rpinitiated-1_0.html",
    ),
    (
        "OpenID Connect Back-Channel Logout",
        "https://openid.net/specs/openid-connect-backchannel-1_0.html",
    ),
    (
        "OpenID Connect Front-Channel Logout",
        "https://openid.net/specs/openid-connect-frontchannel-1_0.html",
    ),
    ("JARM", "https://openid.net/specs/oauth-v2-jarm.html"),
    (
        "OpenID Connect CIBA",
        "https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html",
    ),
    (
        "OAuth 2.0 Multiple Response Type Encoding Practices",
        "https://openid.net/specs/oauth-v2-multiple-response-types-1_0.html",
    ),
    (
        "OAuth 2.0 Form Post Response Mode",
        "https://openid.net/specs/oauth-v2-form-post-response-mode-1_0.html",
    ),
    (
        "draft-ietf-oauth-attestation-based-client-auth",
        "https://datatracker.ietf.org/doc/html/draft-ietf-oauth-attestation-based-client-auth",
    ),
    (
        "draft-ietf-oauth-identity-assertion-authz-grant",
        "https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant",
    ),
    (
        "draft-ietf-oauth-rfc7523bis",
        "https://datatracker.ietf.org/doc/html/draft-ietf-oauth-rfc7523bis",
    ),
];

/// The title of the RFC with this number, as digits.
pub fn title(number: &str) -> Option<&'static str> {
    RFC_TITLES.iter().find(|(known, _)| known.to_string() == number).map(|(_, title)| *title)
}
