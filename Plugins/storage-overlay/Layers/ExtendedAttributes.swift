import CArchive

/// Which extended attributes of an image reach the disk.
enum ExtendedAttributes {
    /// Overlay's own attributes would redirect or hide files of other layers, and of `security.*` only file capabilities
    /// mean the same on every host (a label or a signature is this host's business).
    static func isHarmless(_ name: String) -> Bool {
        if name == "security.capability" { return true }
        return !["security.", "trusted.overlay.", "user.overlay."].contains { name.hasPrefix($0) }
    }

    /// Drops the others from an entry.
    static func keepHarmless(of entry: OpaquePointer) {
        guard archive_entry_xattr_reset(entry) > 0 else { return }
        var kept: [(name: String, value: [UInt8])] = []
        var name: UnsafePointer<CChar>?
        var value: UnsafeRawPointer?
        var count = 0
        while archive_entry_xattr_next(entry, &name, &value, &count) == ARCHIVE_OK, let attribute = name {
            let attribute = String(cString: attribute)
            guard isHarmless(attribute) else { continue }
            kept.append((attribute, Array(UnsafeRawBufferPointer(start: value, count: count))))
        }
        archive_entry_xattr_clear(entry)
        for attribute in kept {
            attribute.value.withUnsafeBytes {
                archive_entry_xattr_add_entry(entry, attribute.name, $0.baseAddress, $0.count)
            }
        }
    }
}
