//! The keys and signatures that `tests/keys.rs` uses.
//!
//! **Every private key in this file is for tests only**: made with `openssl` for this file, or printed
//! in an RFC. None of them protects anything.

use grantwire::jose::{Curve, KeyType};

// ---------------------------------------------------------------------------------------------
// Test-only keys, made with openssl. Each pair of documents holds one key in two containers.
// ---------------------------------------------------------------------------------------------

pub const P256_PKCS8: &str = "\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQginUFqfgXhLG1TR1/
Ale6+wwktHzv2xE0Qyii0aMC/9KhRANCAAR2gikRJyd4sbBit0vdK+IMQ8I7p5/W
hyqxE7WX1S/dfEd3Sqe8bTBUWiQ99Y/Ft14HgZpvLW5uQBv9zVHSpmEM
-----END PRIVATE KEY-----
";

pub const P256_SEC1: &str = "\
-----BEGIN EC PARAMETERS-----
BggqhkjOPQMBBw==
-----END EC PARAMETERS-----
-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIIp1Ban4F4SxtU0dfwJXuvsMJLR879sRNEMootGjAv/SoAoGCCqGSM49
AwEHoUQDQgAEdoIpEScneLGwYrdL3SviDEPCO6ef1ocqsRO1l9Uv3XxHd0qnvG0w
VFokPfWPxbdeB4Gaby1ubkAb/c1R0qZhDA==
-----END EC PRIVATE KEY-----
";

pub const P384_PKCS8: &str = "\
-----BEGIN PRIVATE KEY-----
MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDAEM04TLStMxqJxbyo8
zNu6lRLn4+eYKE4ApoO7Z9YyD5x2JnSeCQCv++ZhoDB42LahZANiAATzJ8WjfckB
W99i9Ho6jhGYYwGv1wNNRh2kdsPnPbT4UVgkfbpXZsytNfr7kOt7810NX3A74l/R
IeCDyrS6CQ+jYuhIiUk8jyanTwHhNaPJBCcbOcC0Q2kNzHg9LIHdXzQ=
-----END PRIVATE KEY-----
";

pub const P384_SEC1: &str = "\
-----BEGIN EC PARAMETERS-----
BgUrgQQAIg==
-----END EC PARAMETERS-----
-----BEGIN EC PRIVATE KEY-----
MIGkAgEBBDAEM04TLStMxqJxbyo8zNu6lRLn4+eYKE4ApoO7Z9YyD5x2JnSeCQCv
++ZhoDB42LagBwYFK4EEACKhZANiAATzJ8WjfckBW99i9Ho6jhGYYwGv1wNNRh2k
dsPnPbT4UVgkfbpXZsytNfr7kOt7810NX3A74l/RIeCDyrS6CQ+jYuhIiUk8jyan
TwHhNaPJBCcbOcC0Q2kNzHg9LIHdXzQ=
-----END EC PRIVATE KEY-----
";

pub const P521_PKCS8: &str = "\
-----BEGIN PRIVATE KEY-----
MIHuAgEAMBAGByqGSM49AgEGBSuBBAAjBIHWMIHTAgEBBEIBGxVN7zmLZAKsC8Cf
Rf5g5fE5Bd6PrNdnZ7o7PW+vi/JKtDNgaptM/RNVEbzVKgTCCvfuDZuiIrm2Cfev
N3zmNGuhgYkDgYYABAA7dwV5z/5sp77iYAjVwJOij3gp1cfU1GXCwP7DyWJNMzF+
AbO2w9J6QgWaFBWz0e3CRlnb0zvgBN/mKAaC/oAEOwArPlukzQtwVGyE/TLb9tmG
0hAtVuYs+BrWzVnHhBF+vtKzosUO/nneiFF8artfrMGSB1DfvVT/86/3W20xZp4l
lA==
-----END PRIVATE KEY-----
";

pub const P521_SEC1: &str = "\
-----BEGIN EC PARAMETERS-----
BgUrgQQAIw==
-----END EC PARAMETERS-----
-----BEGIN EC PRIVATE KEY-----
MIHcAgEBBEIBGxVN7zmLZAKsC8CfRf5g5fE5Bd6PrNdnZ7o7PW+vi/JKtDNgaptM
/RNVEbzVKgTCCvfuDZuiIrm2CfevN3zmNGugBwYFK4EEACOhgYkDgYYABAA7dwV5
z/5sp77iYAjVwJOij3gp1cfU1GXCwP7DyWJNMzF+AbO2w9J6QgWaFBWz0e3CRlnb
0zvgBN/mKAaC/oAEOwArPlukzQtwVGyE/TLb9tmG0hAtVuYs+BrWzVnHhBF+vtKz
osUO/nneiFF8artfrMGSB1DfvVT/86/3W20xZp4llA==
-----END EC PRIVATE KEY-----
";

pub const ED25519_PKCS8: &str = "\
-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIMYC/tz+JoP9GEe1Cbopqg+Z5zIG6f0R+vgCtQ+i+ab2
-----END PRIVATE KEY-----
";

pub const RSA_PKCS8: &str = "\
-----BEGIN PRIVATE KEY-----
MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQCpp9ZKeCMWOije
fr1pseZLDqhWqNCpu5fuI0p6NVOlPEr13XwhpujW2SXEKJTTO3vXSRUSG3RYti3k
QZN/NtsATCv81Nxk3vj149uf2MoPG4QH/pTNsQ0uMAKiLXiswJ5Oo2UrcjVYkGXv
ZrBDBcra/rAL58BdbRG548b0GpRFmOzb3DR0udXET+SKC3NtxQ38RJJ6teJdgG7r
GX8mSVBIrB7wuZ1ivyejlLYA3qqFD8JL190m/LuaDN6tVoakKhJtHp57c1ucAOil
Aq0fRjbzG1TIj9d5gudfd8skBzXQYRtrzyxA43ZudZ5Am6cKjAdYSZk4mjlLZ47+
5h8SQ05VAgMBAAECggEACSDnditS3y7/vig9b3LFWVPveXY5sznnGcba8SQ60EDw
9M8j9Wv7/eKoow54VfAbhw2lU7H+R4jjg3NTb3yXbRBfX4ouiUKFswLwvf/8SbLP
0feAFzWhgWycGUQI4oODIRt7ZcqOSN0mkJD+ByUuviwGpr7wcINEks18PR8yMjDK
8DeKHTESxxrXUmJPOg4PGCOHBVWEFxgIDP29jpSNC1aFrS0C1dtJVnV1KUOX4UU5
z9dRVJXPIffzk5lxbKWSABu0BJt9Hq+X51SRjF/HORfRzlFlFkQMyCcckONvmCIc
/axv2gKKsNunxtpChSWcUUrakdPfHXZ5LnxFmJ+n4wKBgQDbUi84ClDtOVfp3EDa
N4AJfaaM2pj7dnXoprM3r8YYKYRNbKCse7l/vv7kqgdxqVDMpZMJ5HUQNz1qoL2X
4RRizlhms3+BMcTxd6TdkWy/93S1anobTslyL/QrFnT8dhku2zDcuxgYM4ILYRbc
kYvqH1vCxegIDOA9FMb46LJKSwKBgQDGB1JRIm4yF8Fcv7EO1jeTgvMjVccegufx
cOUjtunBATnhLObThk5rqbHRK7ExQpRjyDS5p5NIpAS40wEm1GglWlYlwR7jDHO4
lt3unYsH467zE6h2DiPjpkbQ+fKvdMza9gU1UaBeXkRHFLcjnyfG0vX+PW+Hxx0z
g4Xyv89l3wKBgQC2L0baHnerF39X3IZivse1GpNHXi7GdFjtscwd7f14BMTKK/os
TXqCC35hJHyahjOAS+ogxY4YskpqUKwtheMRUKdOaLz57QXUL7bb9vmHXV+tc42L
MZ9VI1CImlcDgHba3WlxcllJgT/9g+EhyCWZjgMDgLKGPWvoUWIXUfUIkQKBgQCO
TPiUIP+6s2NZuM4M8Vaig7kgLSWXAU6XKx8dmPVEohLrgo6kdaCosRp8Sr9bvJJR
Wa65sned/W7/OXFca8oi/VVmb+44DdyiSpdUPpWHp88yEXA+1U5o6jV9Of9woagL
uDpp5CwvY+IAihxIVrgIodPvTEp28VhEikCY/ciVVQKBgCC0P0AI42wG3A1Fl7qU
qobrT6j8SLUKqoIAsJo+/tKvq8/oF8VgGWKDMwr0YHXpLBlg/sD3evhPayBxa0YD
BgbBzZyS9Rl6jt0MBEhQpDrMqSsefoJ7NDZz0Df1qr9PreIOqnHYUn02kY/G8KME
dtJI/1diE7yGA805c0hOqae0
-----END PRIVATE KEY-----
";

pub const RSA_PKCS1: &str = "\
-----BEGIN RSA PRIVATE KEY-----
MIIEpAIBAAKCAQEAqafWSngjFjoo3n69abHmSw6oVqjQqbuX7iNKejVTpTxK9d18
Iabo1tklxCiU0zt710kVEht0WLYt5EGTfzbbAEwr/NTcZN749ePbn9jKDxuEB/6U
zbENLjACoi14rMCeTqNlK3I1WJBl72awQwXK2v6wC+fAXW0RuePG9BqURZjs29w0
dLnVxE/kigtzbcUN/ESSerXiXYBu6xl/JklQSKwe8LmdYr8no5S2AN6qhQ/CS9fd
Jvy7mgzerVaGpCoSbR6ee3NbnADopQKtH0Y28xtUyI/XeYLnX3fLJAc10GEba88s
QON2bnWeQJunCowHWEmZOJo5S2eO/uYfEkNOVQIDAQABAoIBAAkg53YrUt8u/74o
PW9yxVlT73l2ObM55xnG2vEkOtBA8PTPI/Vr+/3iqKMOeFXwG4cNpVOx/keI44Nz
U298l20QX1+KLolChbMC8L3//Emyz9H3gBc1oYFsnBlECOKDgyEbe2XKjkjdJpCQ
/gclLr4sBqa+8HCDRJLNfD0fMjIwyvA3ih0xEsca11JiTzoODxgjhwVVhBcYCAz9
vY6UjQtWha0tAtXbSVZ1dSlDl+FFOc/XUVSVzyH385OZcWylkgAbtASbfR6vl+dU
kYxfxzkX0c5RZRZEDMgnHJDjb5giHP2sb9oCirDbp8baQoUlnFFK2pHT3x12eS58
RZifp+MCgYEA21IvOApQ7TlX6dxA2jeACX2mjNqY+3Z16KazN6/GGCmETWygrHu5
f77+5KoHcalQzKWTCeR1EDc9aqC9l+EUYs5YZrN/gTHE8Xek3ZFsv/d0tWp6G07J
ci/0KxZ0/HYZLtsw3LsYGDOCC2EW3JGL6h9bwsXoCAzgPRTG+OiySksCgYEAxgdS
USJuMhfBXL+xDtY3k4LzI1XHHoLn8XDlI7bpwQE54Szm04ZOa6mx0SuxMUKUY8g0
uaeTSKQEuNMBJtRoJVpWJcEe4wxzuJbd7p2LB+Ou8xOodg4j46ZG0Pnyr3TM2vYF
NVGgXl5ERxS3I58nxtL1/j1vh8cdM4OF8r/PZd8CgYEAti9G2h53qxd/V9yGYr7H
tRqTR14uxnRY7bHMHe39eATEyiv6LE16ggt+YSR8moYzgEvqIMWOGLJKalCsLYXj
EVCnTmi8+e0F1C+22/b5h11frXONizGfVSNQiJpXA4B22t1pcXJZSYE//YPhIcgl
mY4DA4Cyhj1r6FFiF1H1CJECgYEAjkz4lCD/urNjWbjODPFWooO5IC0llwFOlysf
HZj1RKIS64KOpHWgqLEafEq/W7ySUVmuubJ3nf1u/zlxXGvKIv1VZm/uOA3cokqX
VD6Vh6fPMhFwPtVOaOo1fTn/cKGoC7g6aeQsL2PiAIocSFa4CKHT70xKdvFYRIpA
mP3IlVUCgYAgtD9ACONsBtwNRZe6lKqG60+o/Ei1CqqCALCaPv7Sr6vP6BfFYBli
gzMK9GB16SwZYP7A93r4T2sgcWtGAwYGwc2ckvUZeo7dDARIUKQ6zKkrHn6CezQ2
c9A39aq/T63iDqpx2FJ9NpGPxvCjBHbSSP9XYhO8hgPNOXNITqmntA==
-----END RSA PRIVATE KEY-----
";

// Keys that must be refused: too short, an unsupported curve or algorithm, encrypted, or public.

pub const RSA_1024_PKCS8: &str = "\
-----BEGIN PRIVATE KEY-----
MIICdwIBADANBgkqhkiG9w0BAQEFAASCAmEwggJdAgEAAoGBAK56W+Er2frTZxOc
NpnEcxjYzgBXvIi1DUZEYfPsYlOnw48h/mwie3k6aTRtpwqkbP90+/jL8N2AfV+U
xlsp3cOhoNSpYmISevfYoEucwrzIPDrrnfXAYdH5/2kbEmmcKW4aHBqmSiWy45+o
l+0qfymesEl0JP+McplAKjW9wEuRAgMBAAECgYA9QPfAtYRxaoZlfBIvKai+sF6i
ACtQUz+1y4wX9oUOmXcuaODJVdHDXZ5Rqa1bLx6VEJzlW7PUD6f0Rmbc2nXgA8U+
r7XkmIthXSq/02KydoR6Y2lDHAFhIE7MMLlE9Mg5ak756YUERhbGqnCSyhTkyIkH
/MVtjYhOSLmIAuw4AQJBAOHe27d1GqH0LQ+jcL/xDWlULimBdAWj7BcIy58I0ja1
U20A1uP52H6BM+SP9C9+yOzkmbLAig49aeGs4ZsRsIkCQQDFwIVaBUO36jKoGKkJ
TBnnuv/aSDp1+WPo1smj2rUl7hJH5Rkd1JlGmRxaYbpgCMHsvwp70Dotf0o9Sjou
6zDJAkEAzUcn1QIe5FXwpifajvdbQwD4u0wl0AJ8zSp3NOBlfMcrPQPoSWWGtuJh
8TZLrObDYVkZvvVyAyMZmbrvh2l6UQJBAL0xD2OsnbkbCxPfY/lNIYueUKGZcLTl
wDxHIertl1mOh1bZTEpJ18q/OW0PCqxONJo3u+Pwt3hHy9MPbNLumGECQFtcOW7L
u9vsWLPpK4IqxoS/J8902pK1Z2SoRc2ikNlVL1/n0MstqbaLbIkdPFlv4HRx8HaM
XyB4ZxTtQz6RI5E=
-----END PRIVATE KEY-----
";

pub const RSA_1024_PKCS1: &str = "\
-----BEGIN RSA PRIVATE KEY-----
MIICXQIBAAKBgQCuelvhK9n602cTnDaZxHMY2M4AV7yItQ1GRGHz7GJTp8OPIf5s
Int5Omk0bacKpGz/dPv4y/DdgH1flMZbKd3DoaDUqWJiEnr32KBLnMK8yDw66531
wGHR+f9pGxJpnCluGhwapkolsuOfqJftKn8pnrBJdCT/jHKZQCo1vcBLkQIDAQAB
AoGAPUD3wLWEcWqGZXwSLymovrBeogArUFM/tcuMF/aFDpl3LmjgyVXRw12eUamt
Wy8elRCc5Vuz1A+n9EZm3Np14APFPq+15JiLYV0qv9NisnaEemNpQxwBYSBOzDC5
RPTIOWpO+emFBEYWxqpwksoU5MiJB/zFbY2ITki5iALsOAECQQDh3tu3dRqh9C0P
o3C/8Q1pVC4pgXQFo+wXCMufCNI2tVNtANbj+dh+gTPkj/Qvfsjs5JmywIoOPWnh
rOGbEbCJAkEAxcCFWgVDt+oyqBipCUwZ57r/2kg6dflj6NbJo9q1Je4SR+UZHdSZ
RpkcWmG6YAjB7L8Ke9A6LX9KPUo6LuswyQJBAM1HJ9UCHuRV8KYn2o73W0MA+LtM
JdACfM0qdzTgZXzHKz0D6EllhrbiYfE2S6zmw2FZGb71cgMjGZm674dpelECQQC9
MQ9jrJ25GwsT32P5TSGLnlChmXC05cA8RyHq7ZdZjodW2UxKSdfKvzltDwqsTjSa
N7vj8Ld4R8vTD2zS7phhAkBbXDluy7vb7Fiz6SuCKsaEvyfPdNqStWdkqEXNopDZ
VS9f59DLLam2i2yJHTxZb+B0cfB2jF8geGcU7UM+kSOR
-----END RSA PRIVATE KEY-----
";

pub const SECP256K1: &str = "\
-----BEGIN PRIVATE KEY-----
MIGEAgEAMBAGByqGSM49AgEGBSuBBAAKBG0wawIBAQQg96QcIJUgoo4IthXS4EYN
NAa7lbfOeqkPaTmOp84e0UuhRANCAAQEC7HrWpdz7z1F9ygfwD3qXcZu4IHFrM4Z
qmAg0ZRSN7GmlNk0OjgQz+TNz076fAOIMiIPgfzFEFVu/xz/4ly4
-----END PRIVATE KEY-----
";

pub const X25519: &str = "\
-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VuBCIEIHDISEjPmlLTQegU/Q71x08PJs6iX80++5tRlLbAobVr
-----END PRIVATE KEY-----
";

pub const P256_PKCS8_ENCRYPTED: &str = "\
-----BEGIN ENCRYPTED PRIVATE KEY-----
MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAiaA7l+QflKcQICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEENJP50ROB5r0BnX136A1LJQEgZDB
zUzz6h+E5Q/RV0BpGSI0Gw7lFLieOTbGbi6LP5hdHnr3s7SVTwvsHVGsFM//Qxpm
YuCkaktv/9KR8hpnNgzyRt26Jhqb88rfiXbprKC4KHF8S+fVPyqM+M37YOeRsh1h
O702YABQvttJjP2ex0ZpgOnO8hua4JUKD8Z4ze4St0rM7bCrMBLIXXJXnTh7Tjw=
-----END ENCRYPTED PRIVATE KEY-----
";

pub const P256_SEC1_ENCRYPTED: &str = "\
-----BEGIN EC PRIVATE KEY-----
Proc-Type: 4,ENCRYPTED
DEK-Info: AES-128-CBC,C306ECEC9B9A421013C0AE84D9C0683E

E1ssCouencXjti1FdcuZLfTO3Tb9Iilj5MxPRYx8lPTjfGitjeuzPmrWb8EfhxGY
K0ggF9zhyIfN5r9vR41kSWYCavIm7dxDmfROPCf3T7A0/O/qKwBbcDocUpZARzPs
CrYGwEA5uxhnTqFSE7oHV3/w+Eni6Pa82cIEU7Ajm4E=
-----END EC PRIVATE KEY-----
";

pub const P256_PUBLIC: &str = "\
-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEdoIpEScneLGwYrdL3SviDEPCO6ef
1ocqsRO1l9Uv3XxHd0qnvG0wVFokPfWPxbdeB4Gaby1ubkAb/c1R0qZhDA==
-----END PUBLIC KEY-----
";

pub const RSA_1024_JWK: &str = r#"{"kty":"RSA","n":"rnpb4SvZ-tNnE5w2mcRzGNjOAFe8iLUNRkRh8-xiU6fDjyH-bCJ7eTppNG2nCqRs_3T7-Mvw3YB9X5TGWyndw6Gg1KliYhJ699igS5zCvMg8Ouud9cBh0fn_aRsSaZwpbhocGqZKJbLjn6iX7Sp_KZ6wSXQk_4xymUAqNb3AS5E",
"e":"AQAB",
"d":"PUD3wLWEcWqGZXwSLymovrBeogArUFM_tcuMF_aFDpl3LmjgyVXRw12eUamtWy8elRCc5Vuz1A-n9EZm3Np14APFPq-15JiLYV0qv9NisnaEemNpQxwBYSBOzDC5RPTIOWpO-emFBEYWxqpwksoU5MiJB_zFbY2ITki5iALsOAE",
"p":"4d7bt3UaofQtD6Nwv_ENaVQuKYF0BaPsFwjLnwjSNrVTbQDW4_nYfoEz5I_0L37I7OSZssCKDj1p4azhmxGwiQ",
"q":"xcCFWgVDt-oyqBipCUwZ57r_2kg6dflj6NbJo9q1Je4SR-UZHdSZRpkcWmG6YAjB7L8Ke9A6LX9KPUo6LuswyQ",
"dp":"zUcn1QIe5FXwpifajvdbQwD4u0wl0AJ8zSp3NOBlfMcrPQPoSWWGtuJh8TZLrObDYVkZvvVyAyMZmbrvh2l6UQ",
"dq":"vTEPY6yduRsLE99j-U0hi55QoZlwtOXAPEch6u2XWY6HVtlMSknXyr85bQ8KrE40mje74_C3eEfL0w9s0u6YYQ",
"qi":"W1w5bsu72-xYs-krgirGhL8nz3TakrVnZKhFzaKQ2VUvX-fQyy2ptotsiR08WW_gdHHwdoxfIHhnFO1DPpEjkQ"}"#;

// ---------------------------------------------------------------------------------------------
// Test-only keys and signatures printed in RFCs.
// ---------------------------------------------------------------------------------------------

/// RFC 7515 appendix A.2, without its `kid`.
pub const RFC_7515_RSA: &str = r#"{"kty":"RSA",
"n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
"e":"AQAB",
"d":"Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7YwVol2NXOoAJe46sui395IW_GO-pWJ1O0BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_V51gfpRLI9JYanrC4D4qAdGcopV_0ZHHzQlBjudU2QvXt4ehNYTCBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_jTj3ccPDVZFD9pIuhLhBOneufuBiB4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQ",
"p":"4BzEEOtIpmVdVEZNCqS7baC4crd0pqnRH_5IB3jw3bcxGn6QLvnEtfdUdiYrqBdss1l58BQ3KhooKeQTa9AB0Hw_Py5PJdTJNPY8cQn7ouZ2KKDcmnPGBY5t7yLc1QlQ5xHdwW1VhvKn-nXqhJTBgIPgtldC-KDV5z-y2XDwGUc",
"q":"uQPEfgmVtjL0Uyyx88GZFF1fOunH3-7cepKmtH4pxhtCoHqpWmT8YAmZxaewHgHAjLYsp1ZSe7zFYHj7C6ul7TjeLQeZD_YwD66t62wDmpe_HlB-TnBA-njbglfIsRLtXlnDzQkv5dTltRJ11BKBBypeeF6689rjcJIDEz9RWdc",
"dp":"BwKfV3Akq5_MFZDFZCnW-wzl-CCo83WoZvnLQwCTeDv8uzluRSnm71I3QCLdhrqE2e9YkxvuxdBfpT_PI7Yz-FOKnu1R6HsJeDCjn12Sk3vmAktV2zb34MCdy7cpdTh_YVr7tss2u6vneTwrA86rZtu5Mbr1C1XsmvkxHQAdYo0",
"dq":"h_96-mK1R_7glhsum81dZxjTnYynPbZpHziZjeeHcXYsXaaMwkOlODsWa7I9xXDoRwbKgB719rrmI2oKr6N3Do9U0ajaHF-NKJnwgjMd2w9cjz3_-kyNlxAr2v4IKhGNpmM5iIgOS1VZnOZ68m6_pbLBSp3nssTdlqvd0tIiTHU",
"qi":"IYd7DHOhrWvxkwPQsRM2tOgrjbcrfvtQJipd-DlcxyVuuM9sQLdgjVk2oy26F0EmpScGLq2MowX7fhd_QJQ3ydy5cY7YIBi87w93IKLEdfnbJtoOPLUW0ITrJReOgo1cq9SbsxYawBgfp_gh6A5603k2-ZQwVK0JKSHuLFkuQ3U"}"#;

/// RFC 7515 appendix A.2: the payload's own bytes and the signature over `{"alg":"RS256"}`.
pub const RFC_7515_PAYLOAD: &[u8] =
    b"{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";
pub const RFC_7515_RS256: &str = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";

/// RFC 7515 appendix A.3: a key, and a signature over the payload of A.2 under `{"alg":"ES256"}`.
pub const RFC_7515_P256: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;
pub const RFC_7515_ES256: &str =
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

/// RFC 7515 appendix A.4: a key, and a signature over `Payload` under `{"alg":"ES512"}`.
pub const RFC_7515_P521: &str = r#"{"kty":"EC","crv":"P-521","x":"AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk","y":"ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2","d":"AY5pb7A0UFiB3RELSD64fTLOSV_jazdF7fLYyuTw8lOfRhWg6Y6rUrPAxerEzgdRhajnu0ferB0d53vM9mE15j2C"}"#;
pub const RFC_7515_ES512: &str = "AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn";

/// RFC 7517 appendix A.2, the EC key.
pub const RFC_7517_P256: &str = r#"{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","d":"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE","use":"enc","kid":"1"}"#;

/// RFC 7517 appendix A.2, the RSA key; its public half is the key of RFC 7638.
pub const RFC_7517_RSA: &str = r#"{"kty":"RSA","alg":"RS256","kid":"2011-04-29",
"n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
"e":"AQAB",
"d":"X4cTteJY_gn4FYPsXB8rdXix5vwsg1FLN5E3EaG6RJoVH-HLLKD9M7dx5oo7GURknchnrRweUkC7hT5fJLM0WbFAKNLWY2vv7B6NqXSzUvxT0_YSfqijwp3RTzlBaCxWp4doFk5N2o8Gy_nHNKroADIkJ46pRUohsXywbReAdYaMwFs9tv8d_cPVY3i07a3t8MN6TNwm0dSawm9v47UiCl3Sk5ZiG7xojPLu4sbg1U2jx4IBTNBznbJSzFHK66jT8bgkuqsk0GjskDJk19Z4qwjwbsnn4j2WBii3RL-Us2lGVkY8fkFzme1z0HbIkfz0Y6mqnOYtqc0X4jfcKoAC8Q",
"p":"83i-7IvMGXoMXCskv73TKr8637FiO7Z27zv8oj6pbWUQyLPQBQxtPVnwD20R-60eTDmD2ujnMt5PoqMrm8RfmNhVWDtjjMmCMjOpSXicFHj7XOuVIYQyqVWlWEh6dN36GVZYk93N8Bc9vY41xy8B9RzzOGVQzXvNEvn7O0nVbfs",
"q":"3dfOR9cuYq-0S-mkFLzgItgMEfFzB2q3hWehMuG0oCuqnb3vobLyumqjVZQO1dIrdwgTnCdpYzBcOfW5r370AFXjiWft_NGEiovonizhKpo9VVS78TzFgxkIdrecRezsZ-1kYd_s1qDbxtkDEgfAITAG9LUnADun4vIcb6yelxk",
"dp":"G4sPXkc6Ya9y8oJW9_ILj4xuppu0lzi_H7VTkS8xj5SdX3coE0oimYwxIi2emTAue0UOa5dpgFGyBJ4c8tQ2VF402XRugKDTP8akYhFo5tAA77Qe_NmtuYZc3C3m3I24G2GvR5sSDxUyAN2zq8Lfn9EUms6rY3Ob8YeiKkTiBj0",
"dq":"s9lAH9fggBsoFR8Oac2R_E2gw282rT2kGOAhvIllETE1efrA6huUUvMfBcMpn8lqeW6vzznYY5SSQF7pMdC_agI3nG8Ibp1BUb0JUiraRNqUfLhcQb_d9GF4Dh7e74WbRsobRonujTYN1xCaP6TO61jvWrX-L18txXw494Q_cgk",
"qi":"GyM_p6JrXySiz1toFgKbWV-JdI3jQ4ypu9rbMWx3rQJBfmt0FoYzgUIZEVFEcOqwemRN81zoDAaa-Bk0KWNGDjJHZDdDmFhW3AN7lI-puxk_mHZGJ11rxyR8O55XLSe3SPmRfKwZI6yU24ZxvQKFYItdldUKGzO6Ia6zTKhAVRU"}"#;

/// RFC 8037 appendices A.1 and A.4: a key, and its signature over `Example of Ed25519 signing`.
pub const RFC_8037_ED25519: &str = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
pub const RFC_8037_EDDSA: &str =
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

/// One key of each kind in each container, with the thumbprint worked out from openssl's public key.
pub const CONTAINERS: &[(&str, KeyType, &str, &str)] = &[
    (
        "P-256 in PKCS#8",
        KeyType::Ec(Curve::P256),
        P256_PKCS8,
        "s997zBJ4gPyHTp6jH1ODGKN3YtQFxJKE0fVGnQ12iwk",
    ),
    (
        "P-256 in SEC1",
        KeyType::Ec(Curve::P256),
        P256_SEC1,
        "s997zBJ4gPyHTp6jH1ODGKN3YtQFxJKE0fVGnQ12iwk",
    ),
    (
        "P-384 in PKCS#8",
        KeyType::Ec(Curve::P384),
        P384_PKCS8,
        "8LB5-IkNKIoo_GUeXk0T7gVDCYDeMvUOO2nd-ox0wyM",
    ),
    (
        "P-384 in SEC1",
        KeyType::Ec(Curve::P384),
        P384_SEC1,
        "8LB5-IkNKIoo_GUeXk0T7gVDCYDeMvUOO2nd-ox0wyM",
    ),
    (
        "P-521 in PKCS#8",
        KeyType::Ec(Curve::P521),
        P521_PKCS8,
        "IyZMtCBoLHGWojU_PHkigLDRLNriRMj4r9_lLYD2iH0",
    ),
    (
        "P-521 in SEC1",
        KeyType::Ec(Curve::P521),
        P521_SEC1,
        "IyZMtCBoLHGWojU_PHkigLDRLNriRMj4r9_lLYD2iH0",
    ),
    (
        "Ed25519 in PKCS#8",
        KeyType::Ed25519,
        ED25519_PKCS8,
        "w6c65zjMtdd43gPzUEuMT5ets-r2TjOLlCyu_pc9MUo",
    ),
    ("RSA in PKCS#8", KeyType::Rsa, RSA_PKCS8, "WF0G8li66vYf-K-QCeXGOWFz3MVRqXi6ETKP7bXZTjI"),
    ("RSA in PKCS#1", KeyType::Rsa, RSA_PKCS1, "WF0G8li66vYf-K-QCeXGOWFz3MVRqXi6ETKP7bXZTjI"),
];
