import CArchive
import CLinux
import Glibc
import SHA2

/// A layer's blob on its way to a tar reader, hashed and counted before and after decompression.
///
/// Two libarchive readers stand one behind the other: the first undoes the one compression that the blob's first bytes
/// name, the second reads the tar. In between lies the stream whose digest the image's configuration calls the diffID.
final class LayerStream {
    /// The reader that yields the layer's entries.
    let tar: OpaquePointer
    /// Why reading failed, when it was not the tar reader that found the fault.
    private(set) var refusal: LayerRefusal?

    private let decoder: OpaquePointer
    private let blob: Int32
    private let limits: LayerLimits
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
    /// Both become `nil` when ``finish()`` takes their digests.
    private var compressed: SHA256? = SHA256()
    private var uncompressed: SHA256? = SHA256()
    private var compressedBytes: UInt64 = 0
    private var uncompressedBytes: UInt64 = 0
    private var decoderEnded = false
    /// Asked before each read: an orphan must stop.
    private let proceed: () -> Bool

    init(blob: Int32, limits: LayerLimits, proceed: @escaping () -> Bool) throws(LayerRefusal) {
        guard let decoder = archive_read_new(), let tar = archive_read_new() else {
            throw LayerRefusal(.system, "out of memory")
        }
        (self.decoder, self.tar, self.blob, self.limits, self.proceed) = (decoder, tar, blob, limits, proceed)
        try open()
    }

    deinit {
        archive_read_free(tar)
        archive_read_free(decoder)
        buffer.deallocate()
    }

    private func open() throws(LayerRefusal) {
        archive_read_support_format_raw(decoder)
        archive_read_support_format_empty(decoder)
        // Exactly one filter: bidding would also undo a compression hidden inside the first.
        archive_read_append_filter(decoder, compression())
        archive_read_support_format_tar(tar)
        archive_read_support_format_empty(tar)
        archive_read_append_filter(tar, ARCHIVE_FILTER_NONE)
        let context = Unmanaged.passUnretained(self).toOpaque()
        let decoderStatus = archive_read_open(
            decoder, context, nil, { _, context, block in LayerStream.from(context).readBlob(block) }, nil)
        guard decoderStatus == ARCHIVE_OK else { throw failure(of: decoder) }
        var entry: OpaquePointer?
        switch archive_read_next_header(decoder, &entry) {
        case ARCHIVE_OK: break
        case ARCHIVE_EOF: decoderEnded = true
        default: throw failure(of: decoder)
        }
        let tarStatus = archive_read_open(
            tar, context, nil, { _, context, block in LayerStream.from(context).readDecoded(block) }, nil)
        guard tarStatus == ARCHIVE_OK else { throw failure(of: tar) }
    }

    /// What remains once the tar reader has seen enough: padding belongs to the diffID, trailing bytes to the digest.
    func finish() throws(LayerRefusal) -> (digest: String, diffID: String) {
        var block: UnsafeRawPointer?
        while true {
            let count = readDecoded(&block)
            if count < 0 { throw failure(of: decoder) }
            if count == 0 { break }
        }
        // A compressed stream cut off in its first header looks like an empty one.
        if compression() != ARCHIVE_FILTER_NONE, uncompressedBytes == 0 {
            throw LayerRefusal(.content, "the layer is no sound tar archive: its compressed content is missing")
        }
        while true {
            let count = readBlob(&block)
            if count < 0 { throw failure(of: decoder) }
            if count == 0 { break }
        }
        guard let digest = compressed.take()?.finalize(), let diffID = uncompressed.take()?.finalize() else {
            preconditionFailure("a layer's stream ends once")
        }
        return ("sha256:\(SHA256.hex(digest))", "sha256:\(SHA256.hex(diffID))")
    }

    /// The reason why a reader gave up: ours when we stopped it, else its own words.
    func failure(of reader: OpaquePointer) -> LayerRefusal {
        if let refusal { return refusal }
        let words = archive_error_string(reader).map { String(cString: $0) } ?? "unknown error"
        return LayerRefusal(.content, "the layer is no sound tar archive: \(printable(words.utf8))")
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> LayerStream {
        guard let context else { preconditionFailure("libarchive lost its client data") }
        return Unmanaged<LayerStream>.fromOpaque(context).takeUnretainedValue()
    }

    /// The compression is told by the blob itself: media types are often wrong.
    private func compression() -> Int32 {
        var magic = [UInt8](repeating: 0, count: 4)
        let count = pread(blob, &magic, 4, 0)
        if count >= 2, magic[0] == 0x1f, magic[1] == 0x8b { return ARCHIVE_FILTER_GZIP }
        if count == 4, magic == [0x28, 0xb5, 0x2f, 0xfd] { return ARCHIVE_FILTER_ZSTD }
        return ARCHIVE_FILTER_NONE
    }

    private func readBlob(_ block: UnsafeMutablePointer<UnsafeRawPointer?>?) -> Int {
        guard proceed() else { return stop(LayerRefusal(.system, "the plugin that wanted this layer is gone")) }
        var count = 0
        repeat { count = read(blob, buffer.baseAddress, buffer.count) } while count < 0 && errno == EINTR
        guard count >= 0 else { return stop(LayerRefusal(.system, "cannot read the layer: \(systemText())")) }
        compressed?.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        compressedBytes += UInt64(count)
        block?.pointee = UnsafeRawPointer(buffer.baseAddress)
        return count
    }

    private func readDecoded(_ block: UnsafeMutablePointer<UnsafeRawPointer?>?) -> Int {
        guard !decoderEnded else { return 0 }
        var start: UnsafeRawPointer?
        var count = 0
        var offset: Int64 = 0
        switch archive_read_data_block(decoder, &start, &count, &offset) {
        case ARCHIVE_OK: break
        case ARCHIVE_EOF: decoderEnded = true
        default: return stop(failure(of: decoder))
        }
        uncompressed?.update(UnsafeRawBufferPointer(start: start, count: count))
        uncompressedBytes += UInt64(count)
        if uncompressedBytes > limits.sizeBytes {
            return stop(LayerRefusal(.limit, "the layer unpacks to more than \(limits.sizeBytes) bytes"))
        }
        if uncompressedBytes > limits.ratioFreeBytes,
            uncompressedBytes / max(compressedBytes, 1) >= limits.ratio
        {
            return stop(
                LayerRefusal(.limit, "the layer unpacks to more than \(limits.ratio) times its size: a bomb"))
        }
        block?.pointee = start
        return count
    }

    private func stop(_ reason: LayerRefusal) -> Int {
        if refusal == nil { refusal = reason }
        return Int(ARCHIVE_FATAL)
    }
}
