"""Every row of the practice notes' tables (§1.2 A–F, §1.3) and the samples that stand for it."""

import pytest

from tests.domain.phrases import SAMPLES

ROWS: dict[str, tuple[str, ...]] = {
    "A trước ngày D; trước D": (
        "trước ngày 21/10/2023", "trước 25/10/2023",
        "Trước ngày 15/12/2016, các bộ, cơ quan, địa phương gửi báo cáo về Văn phòng Chính phủ",
    ),
    "A xong trước ngày D; hoàn thành trước; gửi … trước": (
        "xong trước ngày 31/10/2023", "Thời gian hoàn thành trước ngày 31/10/2023",
        "gửi về Văn phòng trước ngày 31/10/2023",
    ),
    "A trước H giờ ngày D": (
        "trước 16 giờ 00 ngày 20/10/2023", "trước 17 giờ 00 phút, ngày 20 tháng 10 năm 2023",
    ),
    "A chậm nhất ngày D; muộn nhất; không muộn hơn; không quá": (
        "chậm nhất là ngày 31/10/2023", "chậm nhất vào ngày 31/10/2023",
        "chậm nhất đến ngày 31/10/2023", "chậm nhất trong ngày 31/10/2023",
        "muộn nhất ngày 31/10/2023", "không muộn hơn ngày 31/10/2023", "không quá ngày 31/10/2023",
        "Chậm nhất ngày 25 (hai mươi lăm) tháng 11 (mười một) đối với báo cáo định kỳ hằng năm",
        "chậm nhât ngày 25 tháng 11",
    ),
    "A chậm nhất H giờ ngày D": ("chậm nhất 17 giờ ngày 20/10/2023",),
    "A đến hết ngày D; hết ngày D; hạn cuối; hạn chót": (
        "đến hết ngày 31/10/2023", "hết ngày 31/10/2023", "hạn cuối: 30/11/2023",
        "hạn chót ngày 31/10/2023",
    ),
    "A đến ngày D; thời hạn đến ngày D": (
        "đến ngày 31/10/2023", "thời hạn đến ngày 30/11/2023",
    ),
    "A trong ngày D; ngay trong ngày": ("trong ngày 20/10/2023", "ngay trong ngày"),
    "A vào ngày D; lúc H giờ ngày D": ("vào ngày 20/10/2023", "lúc 8 giờ ngày 30/11/2023"),
    "A từ ngày A đến hết ngày B": (
        "từ ngày 01/10/2023 đến hết ngày 15/10/2023",
        "từ ngày 15 tháng trước đến ngày 14 của tháng thuộc kỳ báo cáo",
    ),
    "A kể từ ngày D; có hiệu lực từ ngày D": (
        "kể từ ngày 01/10/2023", "có hiệu lực từ ngày 01/01/2024",
    ),
    "B trong tháng M/Y": (
        "Trong tháng 10/2023", "Hoàn thành trong tháng 11 năm 2023", "trong tháng 02 năm 2024",
    ),
    "B trước tháng M": ("trước tháng 11/2023", "xong trước tháng 11"),
    "B cuối tháng M; đến cuối tháng M; từ nay đến cuối tháng M": (
        "cuối tháng 10/2023", "đến cuối tháng 10/2023", "từ nay đến cuối tháng 2-2017",
    ),
    "B đầu tháng; giữa tháng": ("đầu tháng 11/2023", "giữa tháng 11/2023"),
    "B thượng / trung / hạ tuần": (
        "thượng tuần tháng 11/2023", "trung tuần tháng 10/2023", "hạ tuần tháng 11/2023",
    ),
    "B tuần đầu / cuối; tuần này; tuần tới": (
        "tuần đầu tháng 11/2023", "tuần cuối tháng 10/2023", "trong tuần này", "trong tuần tới",
    ),
    "B quý": ("trong quý IV/2023", "hết quý I năm 2024", "trước quý IV/2023"),
    "B 6 tháng đầu năm; giữa năm": ("6 tháng đầu năm 2024", "giữa năm 2024"),
    "B năm": ("trong năm 2024", "hết năm 2023", "cuối năm 2023"),
    "B nhiệm kỳ": ("trong nhiệm kỳ", "đến hết nhiệm kỳ 2020-2025"),
    "C trong N ngày kể từ ngày E": (
        "trong thời hạn 10 ngày kể từ ngày 23/8/2023", "10 ngày kể từ 23/8/2023",
        "trong vòng 15 ngày kể từ ngày ban hành",
    ),
    "C chậm nhất N ngày kể từ / sau": (
        "chậm nhất 05 ngày sau hội nghị", "chậm nhất 01 ngày làm việc sau ngày 20/10/2023",
    ),
    "C N ngày làm việc": (
        "trong 05 ngày làm việc kể từ ngày nhận được", "05 ngày làm việc kể từ 20/10/2023",
    ),
    "C sau N ngày kể từ ngày ký": ("sau 15 ngày kể từ ngày ban hành", "sau 15 ngày kể từ ngày ký"),
    "C sau N ngày … phải báo cáo": ("sau 5 ngày phải báo cáo",),
    "C N tháng / năm kể từ": (
        "01 tháng từ 31/01/2024", "trong 1 năm kể từ ngày 29/02/2024",
    ),
    "C N giờ kể từ khi": (
        "trong 24 giờ kể từ khi nhận được", "trong 48 giờ kể từ 08 giờ 00 ngày 20/10/2023",
    ),
    "C trước khi … N ngày; ít nhất N ngày trước D": (
        "trước khi khai mạc 05 ngày", "ít nhất 05 ngày trước ngày 31/10/2023",
        "05 ngày trước 31/10/2023",
    ),
    "C ngay sau khi; sau hội nghị; sau khi có văn bản": (
        "ngay sau khi có văn bản của cấp trên", "sau hội nghị",
        "sau khi có văn bản của cấp trên",
    ),
    "C không ít hơn N ngày (giới hạn dưới)": (
        "không ít hơn 01 ngày làm việc kể từ ngày 02/10/2023",
        "không ít hơn 01 ngày làm việc từ khi chốt số liệu đến hạn gửi",
    ),
    "D trước ngày 25 hằng tháng": ("trước ngày 25 hằng tháng", "trước ngày 25 hàng tháng"),
    "D chậm nhất ngày 25 hằng tháng": ("chậm nhất vào ngày 25 hàng tháng",),
    "D trước ngày 20 tháng cuối quý": ("trước ngày 20 tháng cuối quý",),
    "D chậm nhất ngày 20 tháng cuối quý; ngày 15/6; ngày 10/12 hằng năm": (
        "chậm nhất ngày 20 của tháng cuối mỗi quý",
        "chậm nhất ngày 15 tháng 6; ngày 10 tháng 12 hằng năm",
    ),
    "D tháng cuối kỳ báo cáo": ("chậm nhất vào ngày 25 của tháng cuối kỳ báo cáo",),
    "D định kỳ 6 tháng, hằng năm; hằng quý; hằng tháng": (
        "định kỳ 6 tháng, hằng năm", "định kỳ hàng quý", "hằng tháng",
    ),
    "D trước ngày 15/6 và 15/12 hằng năm": ("trước ngày 15/6 và 15/12 hằng năm",),
    "D hằng tuần; chiều thứ Năm; trước 15 giờ thứ Năm": (
        "hằng tuần", "chiều thứ Năm hằng tuần", "trước 15 giờ thứ Năm hằng tuần",
    ),
    "D định kỳ": ("định kỳ",),
    "D sơ kết, tổng kết": ("sơ kết, tổng kết", "sơ kết 5 năm", "tổng kết 10 năm thực hiện"),
    "D đột xuất; khi có yêu cầu": ("đột xuất; khi có yêu cầu",),
    "E thường xuyên …": (
        "thường xuyên", "liên tục", "lâu dài", "tiếp tục thực hiện", "chú trọng",
        "tăng cường công tác lãnh đạo",
    ),
    "E kịp thời …": (
        "kịp thời", "khẩn trương triển khai", "báo cáo ngay", "sớm hoàn thành",
        "trong thời gian sớm nhất", "HỎA TỐC",
    ),
    "E theo quy định; theo chế độ": ("theo đúng quy định", "theo chế độ báo cáo hiện hành"),
    "E đến khi …": ("đến khi có văn bản thay thế", "cho đến khi hoàn thành nhiệm vụ"),
    "F hai cấp": (
        "các đơn vị gửi báo cáo trước ngày 01/11/2023,"
        " Ban Tuyên giáo tổng hợp trước ngày 15/11/2023",
        "gửi trước ngày 21/10/2023 để tổng hợp báo cáo Ban Thường vụ trước ngày 31/10/2023",
    ),
    "1.3 cách viết ngày": (
        "trước ngày 21-10-2023", "trước ngày 21.10.2023", "trước ngày 21 tháng 10 năm 2023",
        "trước 10/2023", "trước 21/10", "trước ngày mồng 10 tháng 10 năm 2023",
    ),
    "1.3 số": (
        "3.192/3.327 đảng viên tham gia trong tháng 10/2023",
        "chậm nhất ngày 06 (sáu) tháng 06 (sáu) năm 2024", "trong 03 trụ cột",
    ),
    "1.3 không có thật, đáng ngờ": (
        "trước ngày 31/11/2023", "trước ngày 30/02/2024", "trước ngày 19/9/2023",
        "trước ngày 20/9/2023",
    ),
    "1.3 mất dấu, chữ quét, hai cách viết": (
        "trwdc ngay 21/10/2023", "truoc ngay 31/10/2023", "hoả tốc", "trong quí I/2024",
        "trong qúy IV/2023",
    ),
}  # fmt: skip
KNOWN = {sample.phrase for sample in SAMPLES}


@pytest.mark.parametrize("row", ROWS)
def test_every_row_of_the_notes_has_its_samples(row: str) -> None:
    assert [phrase for phrase in ROWS[row] if phrase not in KNOWN] == []
