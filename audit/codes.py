"""Every code of verification with its weight and its sentence in both languages."""

from enum import StrEnum


class Weight(StrEnum):
    """What a finding means."""

    ALTERED = "altered"
    """Something is not as the ledger's own rules made it: the exit status is 1."""
    NOTE = "note"
    """Worth saying; it proves nothing."""


class Code(StrEnum):
    """What can be found. ``docs/verify.md`` explains each."""

    # The facts themselves
    GAP = "gap"
    POSITION = "position"
    BODY = "body"
    FORM = "form"
    COLUMN = "column"
    LEAF = "leaf"
    CHAIN = "chain"
    TIME = "time"
    CAUSE = "cause"
    KEY = "key"
    KEY_TWICE = "key-twice"
    UNKNOWN_TYPE = "unknown-type"
    UNKNOWN_VERSION = "unknown-version"
    UNKNOWN_RULES = "unknown-rules"
    KIND = "kind"
    # The head and the schema
    HEAD_SIZE = "head-size"
    HEAD_HASH = "head-hash"
    HEAD_FRONTIER = "head-frontier"
    HEAD_TIME = "head-time"
    HEAD_EPOCH = "head-epoch"
    HEAD_ROWS = "head-rows"
    SCHEMA_MISSING = "schema-missing"
    SCHEMA_ALTERED = "schema-altered"
    SCHEMA_ADDED = "schema-added"
    DAMAGED = "damaged"
    # Checkpoints
    NOTE_DAMAGED = "note-damaged"
    NOTE_SIGNATURE = "note-signature"
    NOTE_ORIGIN = "note-origin"
    NOTE_ROOT = "note-root"
    NOTE_AHEAD = "note-ahead"
    FORK = "fork"
    CHECKPOINT_ROW = "checkpoint-row"
    CHECKPOINT_MISSING = "checkpoint-missing"
    KEY_ROW = "key-row"
    ANCHOR_ROW = "anchor-row"
    RESTORED_FORGED = "restored-forged"
    RESTORED = "restored"
    ABANDONED = "abandoned"
    NO_NOTE = "no-note"
    NO_KEY = "no-key"
    NOT_ANCHORED = "not-anchored"
    # Projections and what hangs on the facts
    STREAM_ROW = "stream-row"
    STREAM_MISSING = "stream-missing"
    STREAM_ADDED = "stream-added"
    MAIL_MISSING = "mail-missing"
    MAIL_ADDED = "mail-added"
    MAIL_ALTERED = "mail-altered"
    LINK_MISSING = "link-missing"
    LINK_ADDED = "link-added"
    LINK_ALTERED = "link-altered"
    LINK_UNRECORDED = "link-unrecorded"
    TEXT_MISSING = "text-missing"
    TEXT_ALTERED = "text-altered"
    FILE_MISSING = "file-missing"
    FILE_ALTERED = "file-altered"
    PERSON_ROW = "person-row"
    # What the rules say
    RULE_MISSING = "rule-missing"
    RULE_ADDED = "rule-added"
    RULE_DIFFERS = "rule-differs"
    IMPOSSIBLE = "impossible"
    INPUT = "input"
    RELAY_MISSING = "relay-missing"
    RELAY_ADDED = "relay-added"
    TIME_WAITS = "time-waits"
    # Prefect
    RUN_FORGOTTEN = "run-forgotten"
    RUN_DIFFERS = "run-differs"
    RUNS_UNKNOWN = "runs-unknown"

    @property
    def weight(self) -> Weight:
        """Return what a finding of this code means."""
        return Weight.NOTE if self in _NOTES else Weight.ALTERED

    def words(self, lang: str = "vi") -> str:
        """Return the sentence in *lang*, with places for what a finding knows."""
        vi, en = _WORDS[self]
        return en if lang == "en" else vi


_NOTES = frozenset(
    {
        Code.RESTORED,
        Code.ABANDONED,
        Code.NO_NOTE,
        Code.NO_KEY,
        Code.NOT_ANCHORED,
        Code.LINK_UNRECORDED,
        Code.TIME_WAITS,
        Code.RUN_FORGOTTEN,
        Code.RUN_DIFFERS,
        Code.RUNS_UNKNOWN,
    }
)

_WORDS: dict[Code, tuple[str, str]] = {
    Code.GAP: (
        "thiếu sự kiện: sau số {before} là số {after}",
        "facts are missing: {before} is followed by {after}",
    ),
    Code.POSITION: (
        "số thứ tự trong văn bản là {found}, phải là {expected}",
        "its number within the document is {found} and must be {expected}",
    ),
    Code.BODY: ("nội dung không đọc được: {why}", "the body cannot be read: {why}"),
    Code.FORM: (
        "nội dung không ở dạng chuẩn (RFC 8785) hoặc sai khuôn: {why}",
        "the body is not canonical (RFC 8785) or not of its form: {why}",
    ),
    Code.COLUMN: (
        "cột {column} không khớp với nội dung đã băm: cột ghi {found}, nội dung ghi {expected}",
        "the column {column} is not what the hashed body says: {found} instead of {expected}",
    ),
    Code.LEAF: (
        "mã băm ghi trong sổ không phải là mã băm của nội dung",
        "the recorded hash is not the hash of the body",
    ),
    Code.CHAIN: (
        "không nối với sự kiện ngay trước nó",
        "it is not linked to the fact before it",
    ),
    Code.TIME: (
        "thời điểm ghi nhận {found} sớm hơn của sự kiện trước ({before})",
        "it was recorded at {found}, before the fact that precedes it ({before})",
    ),
    Code.CAUSE: ("nguyên nhân ghi là {found}: {why}", "its cause is given as {found}: {why}"),
    Code.KEY: (
        "khóa {found} không phải là khóa của sự kiện ({expected})",
        "the key {found} is not that of the fact ({expected})",
    ),
    Code.KEY_TWICE: (
        "khóa {found} có ở {count} sự kiện",
        "the key {found} is borne by {count} facts",
    ),
    Code.UNKNOWN_TYPE: (
        "loại sự kiện {found} không có trong quy tắc",
        "no rules know a fact called {found}",
    ),
    Code.UNKNOWN_VERSION: (
        "phiên bản khuôn {found} không có",
        "there is no version {found} of the form",
    ),
    Code.UNKNOWN_RULES: (
        "phiên bản quy tắc {found} không có",
        "there is no version {found} of the rules",
    ),
    Code.KIND: (
        "ghi là {found}, nhưng loại sự kiện này là {expected}",
        "it is recorded as {found}; facts of its type are {expected}",
    ),
    Code.HEAD_SIZE: (
        "đầu sổ ghi {found} sự kiện, sổ có {expected}",
        "the head says {found} facts, the ledger has {expected}",
    ),
    Code.HEAD_HASH: (
        "mã băm cuối ở đầu sổ không phải của sự kiện cuối",
        "the last hash in the head is not that of the last fact",
    ),
    Code.HEAD_FRONTIER: (
        "biên cây Merkle ở đầu sổ không khớp với các sự kiện",
        "the frontier of the Merkle tree in the head is not that of the facts",
    ),
    Code.HEAD_TIME: (
        "thời điểm ở đầu sổ là {found}, sự kiện cuối ghi {expected}",
        "the head was written at {found}, the last fact at {expected}",
    ),
    Code.HEAD_EPOCH: (
        "đầu sổ ghi thời kỳ {found}; theo các lần khôi phục đã khai báo thì phải là {expected}",
        "the head says epoch {found}; by the restorations that were declared it is {expected}",
    ),
    Code.HEAD_ROWS: ("đầu sổ có {found} hàng, phải là 1", "the head has {found} rows, not one"),
    Code.SCHEMA_MISSING: (
        "thiếu trong cơ sở dữ liệu: {what}",
        "missing in the database: {what}",
    ),
    Code.SCHEMA_ALTERED: (
        "đã bị sửa trong cơ sở dữ liệu: {what}",
        "altered in the database: {what}",
    ),
    Code.SCHEMA_ADDED: (
        "không thuộc cơ sở dữ liệu: {what}",
        "it does not belong to the database: {what}",
    ),
    Code.DAMAGED: ("cơ sở dữ liệu bị hỏng: {why}", "the database is damaged: {why}"),
    Code.NOTE_DAMAGED: (
        "điểm kiểm tra không đọc được: {why}",
        "the checkpoint cannot be read: {why}",
    ),
    Code.NOTE_SIGNATURE: (
        "điểm kiểm tra không mang chữ ký đúng của khóa đã biết: {why}",
        "the checkpoint bears no good signature of a known key: {why}",
    ),
    Code.NOTE_ORIGIN: (
        "điểm kiểm tra là của sổ {found}, không phải {expected}",
        "the checkpoint is of {found}, not of {expected}",
    ),
    Code.NOTE_ROOT: (
        "điểm kiểm tra {size} sự kiện không khớp: ít nhất một sự kiện từ {first} đến {size} "
        "đã bị thay đổi",
        "the checkpoint over {size} facts does not fit: at least one fact from {first} to {size} "
        "was altered",
    ),
    Code.NOTE_AHEAD: (
        "điểm kiểm tra ghi {size} sự kiện, sổ chỉ có {found}: sổ bị cắt bớt hoặc là bản sao cũ",
        "the checkpoint covers {size} facts, the ledger has {found}: it was cut, or is an old copy",
    ),
    Code.FORK: (
        "hai điểm kiểm tra cùng {size} sự kiện nhưng khác nhau ({one}, {other}): "
        "sổ đã bị rẽ thành hai bản",
        "two checkpoints over {size} facts differ ({one}, {other}): the ledger was forked",
    ),
    Code.CHECKPOINT_ROW: (
        "hàng điểm kiểm tra không khớp với chính điểm đó: {why}",
        "the row of a checkpoint is not what its note says: {why}",
    ),
    Code.CHECKPOINT_MISSING: (
        "điểm kiểm tra {size} sự kiện ({held}) không còn trong cơ sở dữ liệu",
        "the checkpoint over {size} facts ({held}) is no longer in the database",
    ),
    Code.KEY_ROW: ("hàng khóa không đúng: {why}", "the row of a key is wrong: {why}"),
    Code.ANCHOR_ROW: (
        "hàng ghi nơi gửi điểm kiểm tra không đúng: {why}",
        "the row of an anchor is wrong: {why}",
    ),
    Code.RESTORED_FORGED: (
        "lời khai báo khôi phục không đúng: {why}",
        "the declaration of a restoration does not hold: {why}",
    ),
    Code.RESTORED: (
        "{by} ({authority}) đã khai báo lúc {at}: mất các sự kiện đã ký sau số {fits} đến {size}, "
        "khi đó còn {left} sự kiện",
        "{by} ({authority}) declared at {at}: the facts after {fits} up to {size}, which were "
        "signed, are lost; {left} facts were left",
    ),
    Code.ABANDONED: (
        "điểm kiểm tra {held} sự kiện này thuộc nhánh đã bị bỏ: {by} ({authority}) khai báo "
        "lúc {at} (mục {seq}); các sự kiện sau số {fits} của nhánh đó không còn đối chiếu được",
        "this checkpoint over {held} facts is of an abandoned line: {by} ({authority}) declared it "
        "at {at} (entry {seq}); the facts of that line after {fits} can no longer be compared",
    ),
    Code.NO_NOTE: (
        "không có điểm kiểm tra nào giữ bên ngoài: sổ bị viết lại hoặc cắt bớt thì không thể biết",
        "no checkpoint held outside was given: a rewritten or cut ledger cannot be told",
    ),
    Code.NO_KEY: (
        "không có khóa công khai từ bên ngoài: chữ ký được kiểm bằng khóa ghi trong cơ sở dữ liệu, "
        "mà ai ghi được vào đó cũng thay được",
        "no public key from outside was given: signatures are checked by keys in the database, "
        "which whoever writes it can replace",
    ),
    Code.NOT_ANCHORED: (
        "{count} sự kiện sau điểm kiểm tra {size} chưa có điểm kiểm tra nào giữ bên ngoài bảo đảm",
        "{count} facts after the checkpoint over {size} are covered by none held outside",
    ),
    Code.STREAM_ROW: (
        "bảng văn bản ghi {column} = {found}, các sự kiện cho {expected}",
        "the table of documents says {column} = {found}, the facts say {expected}",
    ),
    Code.STREAM_MISSING: (
        "bảng văn bản không có văn bản này",
        "the table of documents does not have this document",
    ),
    Code.STREAM_ADDED: (
        "bảng văn bản có một văn bản không có trong sổ cái",
        "the table of documents has one that the ledger does not know",
    ),
    Code.MAIL_MISSING: (
        "thiếu thư phải gửi: {what}",
        "a mail that is owed is missing: {what}",
    ),
    Code.MAIL_ADDED: (
        "có thư mà không sự kiện nào đòi hỏi",
        "there is a mail that no fact asks for",
    ),
    Code.MAIL_ALTERED: (
        "thư ghi {column} = {found}, sự kiện cho {expected}",
        "the mail says {column} = {found}, its fact says {expected}",
    ),
    Code.LINK_MISSING: ("thiếu đường dẫn của thư", "the link of a mail is missing"),
    Code.LINK_ADDED: (
        "có đường dẫn không thuộc thư nào",
        "there is a link that belongs to no mail",
    ),
    Code.LINK_ALTERED: (
        "đường dẫn ghi {column} = {found}, thư cho {expected}",
        "the link says {column} = {found}, its mail says {expected}",
    ),
    Code.LINK_UNRECORDED: (
        "được mở khi sổ cái chưa ghi những đường dẫn như vậy: không mục nào chứng minh",
        "it was opened when the ledger did not record such links yet: no entry proves it",
    ),
    Code.TEXT_MISSING: (
        "văn bản kèm theo {sha256} không còn được lưu",
        "the text {sha256} that the fact names is not kept",
    ),
    Code.TEXT_ALTERED: (
        "văn bản kèm theo không khớp với mã băm của nó",
        "a kept text is not what its hash says",
    ),
    Code.FILE_MISSING: (
        "tệp {sha256} mà sự kiện nêu không còn được lưu",
        "the file {sha256} that the fact names is not kept",
    ),
    Code.FILE_ALTERED: (
        "tệp được lưu không đúng như sự kiện nêu",
        "a kept file is not what the fact says of it",
    ),
    Code.PERSON_ROW: (
        "hàng lưu tên hoặc địa chỉ không đúng: {why}",
        "the row of a name or an address is wrong: {why}",
    ),
    Code.RULE_MISSING: (
        "quy tắc cho {rules}, sổ không ghi",
        "the rules say {rules}, the ledger does not",
    ),
    Code.RULE_ADDED: (
        "sổ ghi {ledger}, quy tắc không cho",
        "the ledger says {ledger}, the rules do not",
    ),
    Code.RULE_DIFFERS: (
        "quy tắc cho {rules}, sổ ghi {ledger}",
        "the rules say {rules}, the ledger says {ledger}",
    ),
    Code.IMPOSSIBLE: (
        "không thể xảy ra lúc này: {why}; phần còn lại của văn bản không đối chiếu được",
        "it cannot happen here: {why}; the rest of the document could not be derived",
    ),
    Code.INPUT: (
        "không phải điều mà quy tắc đã nhận lúc đó: {why}",
        "it is not what the rules would have taken then: {why}",
    ),
    Code.RELAY_MISSING: (
        "sự kiện {cause} của {origin} phải dẫn đến {rules} ở đây, sổ không ghi",
        "fact {cause} of {origin} must lead to {rules} here, and the ledger has none",
    ),
    Code.RELAY_ADDED: (
        "sổ ghi {ledger}, nguyên nhân {cause} không dẫn đến điều đó",
        "the ledger says {ledger}; its cause {cause} does not lead to it",
    ),
    Code.TIME_WAITS: (
        "thời gian chưa tác động từ {since}",
        "time has not been let act since {since}",
    ),
    Code.RUN_FORGOTTEN: (
        "Prefect không còn nhớ {count} lượt chạy (mặc định chỉ giữ ít ngày): "
        "không đối chiếu được, không phải dấu hiệu bị sửa",
        "Prefect has forgotten {count} runs (it keeps them for some days only): "
        "they cannot be compared, which is no sign of alteration",
    ),
    Code.RUN_DIFFERS: ("lượt chạy {run}: {why}", "run {run}: {why}"),
    Code.RUNS_UNKNOWN: (
        "Prefect không trả lời, nên không đối chiếu các lượt chạy: {why}",
        "Prefect does not answer, so its runs are not compared: {why}",
    ),
}
