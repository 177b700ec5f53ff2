"""What the receiver of a bundle reads first, in Vietnamese and in English."""

from collections.abc import Sequence

_VI = """\
GÓI BẰNG CHỨNG: {document}

Gói này chứa toàn bộ những gì hệ thống theo dõi đã ghi về các văn bản:
{documents}
tính đến điểm kiểm tra số {size} của sổ cái.

1. XEM
   so-theo-doi.pdf    sổ theo dõi: nhiệm vụ, đơn vị, hạn, xác nhận, nộp, chấp nhận, quá hạn,
                      đôn đốc, bằng chứng đã báo. Mở bằng bất kỳ trình đọc PDF nào.
   so-theo-doi.csv    cùng nội dung, đầy đủ hơn, mở bằng Excel hoặc LibreOffice.
   dien-bien.html     diễn biến theo thời gian; mở bằng trình duyệt, không cần mạng.
   texts/, files/     văn bản và tệp mà các đơn vị đã gửi; tên tệp là mã băm SHA-256 của nội dung.
   people.jsonl       họ tên người đã bấm, địa chỉ đã gửi (không có nếu được giữ lại khi xuất).

2. KIỂM TRA (không cần mạng, không cần phần mềm của cơ quan lập gói)
   Cần Python 3.8 trở lên (python.org). Mở cửa sổ dòng lệnh tại thư mục chứa gói rồi chạy:

       python3 verify.py GÓI.zip --vkey "KHÓA" --trusted checkpoint.txt

   (trên Windows: py verify.py ...). GÓI.zip là tệp zip còn nguyên, hoặc thư mục đã giải nén.
   KHÓA là khóa công khai in trên giấy mà cơ quan lập sổ đã công bố; khóa ghi trong gói này là

       {vkey}

   Nếu hai khóa khác nhau thì gói này không do cơ quan đó ký.
   checkpoint.txt là điểm kiểm tra đính kèm thư mà bạn đã nhận trước đây; nêu tệp ấy, thư đã lưu
   (.eml) hoặc thư mục chứa chúng; có thể nêu nhiều.
   Gốc của điểm kiểm tra {size}:

       {root}

   Kết quả: NGUYÊN VẸN (mã thoát 0), KHÔNG NGUYÊN VẸN và ở đâu (1), không đọc được (2).
   Nếu sổ từng mất dữ liệu sau sự cố và việc đó được khai báo, kết quả nói rõ: mất gì, ai khai báo.
   Tệp verify.py chỉ có một, dưới 700 dòng, đọc được trong nửa giờ. Nếu không tin tệp verify.py
   trong gói, hãy lấy từ nguồn khác, hoặc viết lại theo docs/evidence.md của dự án.

3. ĐIỀU GÌ ĐƯỢC CHỨNG MINH
   Không sự kiện nào trong gói bị sửa, xóa, thêm hay đổi chỗ kể từ điểm kiểm tra; tệp và văn bản kèm
   theo đúng là cái đã gửi. Sổ theo dõi và diễn biến được lập từ các sự kiện đó và có chữ ký.
   Người giữ khóa vẫn có thể viết một lịch sử khác TRƯỚC khi gửi điểm kiểm tra: vì vậy hãy luôn đối
   chiếu với điểm kiểm tra trong thư của bạn (--trusted).
"""

_EN = """\
EVIDENCE: {document}

This bundle holds everything that the follow-up system recorded about the documents
{documents}
up to checkpoint {size} of its ledger.

1. READ
   so-theo-doi.pdf    the register: duty, body, bound, acknowledgement, report, acceptance,
                      overdue, escalations, proof of notice. Any reader of PDF opens it.
   so-theo-doi.csv    the same and more, for Excel or LibreOffice.
   dien-bien.html     what happened when; open it in a browser, no network needed.
   texts/, files/     what the units handed in; a file's name is the SHA-256 of its content.
   people.jsonl       who pressed, and to which address mail went (not there if withheld).

2. CHECK (no network, nothing of the office that made the bundle)
   You need Python 3.8 or newer. In the folder of the bundle:

       python3 verify.py BUNDLE.zip --vkey "KEY" --trusted checkpoint.txt

   BUNDLE.zip is the zip as it came, or the folder that it was unpacked to. KEY is the public key
   that the office has published on paper; the one in this bundle is

       {vkey}

   If they differ, the bundle was not signed by that office. checkpoint.txt came with a mail that
   you got earlier: give it, the saved mail (.eml), or a folder of them; several may be given. The
   root of checkpoint {size} is

       {root}

   The outcome: WHOLE (exit status 0), ALTERED and where (1), cannot be read (2). Where the ledger
   lost facts in a disaster and that was declared, it says so: what is lost, and who declared it.
   verify.py is one file of less than 700 lines, to be read in half an hour. If you do not trust
   the one in the bundle, get it elsewhere, or write it anew from docs/evidence.md of the project.

3. WHAT IS PROVEN
   No fact of the bundle was edited, removed, inserted or moved since the checkpoint; texts and
   files are those that were handed in. Register and replay are made from these facts and signed.
   Who holds the key could still have written another history BEFORE the checkpoint was mailed:
   so always compare with a checkpoint from your own mail (--trusted).
"""


def instructions(
    document: str, documents: Sequence[str], size: int, root: str, vkey: str
) -> dict[str, bytes]:
    """Return the two files of instructions; line ends are those that every system shows."""
    listed = "\n".join(f"   {each}" for each in documents)
    words = {"document": document, "documents": listed, "size": size, "root": root, "vkey": vkey}
    return {
        name: text.format(**words).replace("\n", "\r\n").encode("utf-8-sig")
        for name, text in (("LOI-NOI-DAU.txt", _VI), ("README.txt", _EN))
    }
