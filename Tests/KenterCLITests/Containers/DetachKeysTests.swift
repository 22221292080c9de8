import Testing

@testable import kenter

@Suite struct DetachKeysTests {
    @Test(arguments: [
        ([[1, 2]], DetachKeys.Outcome.keep([1, 2])),
        ([[0x10]], .keep([])),
        ([[0x10], [0x11]], .detach([])),
        ([[5, 0x10, 0x11, 6]], .detach([5])),
        ([[0x10], [7]], .keep([0x10, 7])),
        ([[0x10, 0x10]], .keep([0x10])),
        ([[0x10], [0x10], [0x11]], .detach([])),
        ([[0x11]], .keep([0x11])),
    ])
    func `ctrl-p ctrl-q leaves, however the keys arrive`(_ reads: [[UInt8]], _ last: DetachKeys.Outcome) {
        var keys = DetachKeys()
        var outcome = DetachKeys.Outcome.keep([])
        for bytes in reads { outcome = keys.typed(bytes) }
        #expect(outcome == last)
    }
}
