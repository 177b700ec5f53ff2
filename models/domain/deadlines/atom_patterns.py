"""Patterns of the things that have a value: dates, months, quarters, counts, hours.

Written in words (see :mod:`models.domain.deadlines.lexicon`). Codes: D one or two digits, Q four,
N another number of digits; S ``/``, H a dash, P a full stop, C ``,``, K ``:``, L ``(``, R ``)``,
J ``'``. The order matters: the first that matches at a place wins.
"""

MACROS = {
    "U9": "(?:một|mốt|hai|ba|bốn|tư|năm|lăm|nhăm|sáu|bảy|tám|chín)",
    "DW": "(?:(?:hai|ba) mươi <U9>?|mười <U9>?|<U9>)",
    "NW": "(?:(?:một|hai|ba|bốn|năm|sáu|bảy|tám|chín|mười)"
    "(?:<U9>|mười|mươi|trăm|nghìn|linh|không){0,7})",
    "NUM": "(?:[DNQ](?:L<NW>R)?|<NW>(?:L[DNQ]R)?)",
    "DAY": "(?:(?:ngày|ngay(?=[DN]|mồng|mười|hai mươi|ba mươi)) mồng?)",
    "DN": "(?:mồng?(?:D(?:L<DW>R)?|<DW>(?:LDR)?))",
    "MN": "(?:D(?:L<DW>R)?|(?:mười(?:một|hai)?+|một|hai|ba|tư|bốn|sáu|bảy|tám|chín|giêng|chạp"
    "|năm(?=năm|S))(?!lần)(?:LDR)?)",
    "YW": "(?:hai nghìn (?:không trăm)? linh? <DW>)",
    "YR": "(?:C?(?:của)?(?:năm|nam)(?:[NQ]|D(?![DNQ])|<YW>|nay|này|sau|tới))",
    # Nothing after a date without a year may turn out to be its year, or a digit torn off it.
    "LONE": "(?!D(?!ngày|tuần|giờ|h|g|phút|K)|l|i)",
    "END": "(?!C?(?:của|x|l|i)?(?:năm|nam)[DNQ]|x{1,2}Q|[CKJ=*]Q|[KJ=*]DS|S[DNQ]|(?:x|l|i)S"
    "|[DNQ](?!ngày|tuần|giờ|h|g|phút|K))",
    "SY": "S(?:[NQ]|D(?![DNQ]))",
    "QN": "(?:[DNQ]|i|ii|iii|iv|v|vi|l|ll|lll|lv|một|hai|ba|tư|bốn)",
    "UNIT": "(?:ngày|tuần|tháng|quý|năm|giờ)",
    "POD": "(?:sáng|trưa|chiều|tối|đêm)",
}

SOURCES: dict[str, str] = {
    "docnum": "số K? [DNQ] (?:S.|H[xDNQ]|P[DNQ])*",
    "iso": "(?<![SPH]) <DAY>? Q H D H D (?![SHP][DNQ])<LONE>",
    "dmy": "(?<![SP]) <DAY>? D (?:SDS|PDP|HDH) (?:[NQ]|D(?![DNQ](?!<UNIT>))) (?!S|P[DNQ])",
    "mixed": "<DAY> D (?:SDH|HDS|PDS|SDP) Q (?!S|P[DNQ])",
    "spread": "(?<![SP]) <DAY>? D H D (?:S D (?:[SH]Q|<END>) (?!S) |tháng <MN> (?:<YR>|SQ)?)",
    "long": "<DAY> (?P<l_d><DN>) C? của? tháng"
    "(?:(?P<l_m><MN>) (?:(?P<l_y><YR>|<SY>|[HP]Q|CQ(?=[PECMR]|$|về|để|gửi|và)) | <END>)"
    "| (?P<l_rel>này|sau|tới)) (?!lần)",
    "long2": "(?<![SPH]|thứ) (?P<l2_d>D) tháng (?P<l2_m><MN>) (?P<l2_y><YR>|SQ|[HP]Q)",
    "long3": "(?<=trước|nhất|hết|đến|tới|quá|hơn|và|hạn) (?P<l3_d>D) tháng (?P<l3_m><MN>)"
    "(?!ngày|tuần|giờ|lần|[SPH])<END>",
    "rev": "tháng (?P<r_m>D) C? <DAY> (?P<r_d>D) (?:(?P<r_y><YR>|SQ)|<END>) (?![SPH]D)",
    "dm": "<DAY> D (?:[SP]D|HD(?!tháng)) (?:(?P<dm_y><YR>)|<END>) (?!S|P[DNQ])(?!H[DNQ](?!S))",
    "dm2": "(?<![SPH]) D S D (?:(?P<d2_y><YR>)|<END>) (?!S|P[DNQ])(?!H[DNQ](?!S))",
    "months": "tháng D (?P<ms_j>H|đến|tới|C|và) tháng? D (?:SQ|<YR>)",
    "month": "tháng (?:(?P<m_m><MN>)"
    "(?:(?P<m_y><SY>|[HP]Q|<YR>)|<END>(?![HP][DNQ]|[H=]tháng[DNQ])) (?!lần|S)"
    "|(?P<m_rel>này|sau|tới)(?!tháng|ngày))",
    "tmonth": "t D S Q (?!S)",
    "my": "(?<![SPH]) D S Q (?!S|H[xDNQ](?!S)|P[DNQ])",
    "quarters": "quý (?P<qs_a><QN>) (?P<qs_j>H|đến|tới|C|và) quý? (?P<qs_b>(?!Q)<QN>)"
    "(?P<qs_y>[SHP]?Q|<YR>)?",
    "quarter": "(?:quý|quy(?=[DNQ]|i|ii|iii|iv|l|ll|lll|lv))"
    "(?:(?P<q_n><QN>) (?:(?P<q_y>[SHPC]?Q|SD(?![DNQSx]|[PH]D|<UNIT>)|<YR>)"
    "|<END>(?!<QN>(?:S|$|[PECMR])|i|ii|iii|iv|v|l|xS|[S*=])) (?!lần)"
    "|(?P<q_rel>này|sau|tới))",
    "part": "(?:(?P<p_n><NUM>) tháng|quý|quy(?=đầu|cuối)|(?P<p_h>nửa)) (?P<p_w>đầu|cuối) của?"
    "(?:năm (?:[NQ]|D(?!D)|<YW>|nay|này|sau|tới)?(?![DN])|Q) (?!học|tài|ngân|kế)",
    "times": "<NUM> <UNIT> (?:S|H|một|mỗi|L|có|là)? (?:<NUM>)? lần R?"
    "|<NUM> lần (?:S|L|trong|mỗi|một)* (?:D|một)? <UNIT> R?",
    "every": "(?:hằng|mỗi|từng) (?:ngày|ngay|tuần|tháng|quý|kỳ|năm|(?<=hằng)nam"
    "|(?<=mỗi)nam(?=[PECMR]|$)) (?:<NUM> lần)?(?![DQ][SP])"
    "|(?:cứ|mỗi|định kỳ) (?:mỗi|cứ|là|K)? <NUM> <UNIT>"
    "(?!kể|tính|từ|sau|đầu|cuối|trước)(?:S|một)?(?:một|D)?lần?",
    "years": "năm? Q (?:H|đến|tới) năm? Q",
    "year": "năm (?P<y_y>[QN]|<YW>|nay|này|sau|tới)(?!S|P[DNQ])",
    "some": "(?:vài|mấy|dăm|ít|nhiều|một vài|một số) (?:ngày|tuần|tháng|năm|giờ)",
    "compound": "<NUM> (?:ngày|tuần|tháng|năm) và? <NUM> (?:ngày|tuần|tháng|giờ|phút)(?!lần|[DNQ])",
    "decimal": "[DN] [CP] [DN] (?:ngày làm việc|<UNIT>(?![DNQ]))",
    "counts": "<NUM> (?:H|đến|tới) <NUM> (?:ngày làm việc|<UNIT>)",
    "half": "nửa (?P<h_u>ngày|tuần|tháng|năm)(?!đầu|cuối)",
    "count": "(?<!S)(?<!^D)(?<![^SPH]D)(?<!trăm|nghìn|mươi)(?P<c_n><NUM>)"
    "(?P<c_u>ngày làm việc|giờ làm việc|giờ hành chính"
    "|(?<=D|R|một|hai|ba|bốn|tư|năm|lăm|sáu|bảy|tám|chín|mười|mươi)ngay"
    "(?:làm việc|(?=kể|đầu|cuối|trước))|(?<=D)ngay(?=[PECM]|$)"
    "|ngày (?:đêm|lịch|công|liên tục|liên tiếp)?(?!DSD|DPD|DHD|[DN]tháng)"
    "|tuần lễ?|tháng(?![DNQ]|giêng)|năm(?![DNQ]|R<UNIT>)|quý(?!<QN>)|phút) (?P<c_h>rưỡi)?",
    "clock": "(?P<k_h><DW>|[DN]) (?:giờ|h|g)(?P<k_m>(?P<k_n>[DN]|<DW>)(?:phút|p|J)?"
    "(?!giờ|ngày làm|tháng|[SPH]D)|rưỡi)? (?P<k_p><POD>)?|(?<![DNQ]K)[DN]K[DN](?:K[DN])?",
    "weekday": "(?<!lần|tuần|tháng|quý|năm) (?:thứ (?:D|hai|ba|tư|năm|nam|sáu|sau|bảy)|chủ nhật)",
    "monthday": "<DAY> (?P<t_d>(?:mồng)?D(?:L<DW>R)?|mồng <DW>|(?:mười|hai mươi|ba mươi)<U9>?)"
    "(?![SP][DNQ]|H[DNQ]|làm)<LONE>",
    "today": "(?:ngày)? hôm nay|ngày mai|(?:ngày)? hôm sau|(?<=sáng|trưa|chiều|tối|đêm)(?:nay|mai)",
    "week": "tuần (?P<w_rel>này|sau|tới)",
}

LETTERS = {
    "iso": "A", "dmy": "A", "mixed": "A", "long": "A", "long2": "A", "long3": "A", "rev": "A",
    "dm": "A", "dm2": "A", "today": "A", "spread": "I", "months": "I", "quarters": "I",
    "month": "B", "tmonth": "B", "my": "B", "quarter": "Z", "part": "F", "times": "@",
    "every": "@", "years": "X", "year": "Y", "some": "&", "counts": "%", "decimal": "%",
    "compound": "%", "half": "U",
    "count": "U", "clock": "O", "weekday": "V", "monthday": "T", "week": "W", "docnum": "x",
}  # fmt: skip
"""The code that stands for each of them in the next pass; a clock without minutes becomes G."""
