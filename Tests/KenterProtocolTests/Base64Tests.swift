import KenterProtocol
import Testing

@Suite struct Base64Tests {
    /// RFC 4648, section 10, and bytes that need the last letters of the alphabet.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"), ("~~~???", "fn5+Pz8/"),
    ])
    func `test vectors`(_ plain: String, _ text: String) {
        #expect(Base64(plain.utf8).text == text)
        #expect(Base64(text: text)?.bytes == Array(plain.utf8))
    }

    @Test func `every byte survives at every place`() {
        for start in 0..<3 {
            let bytes = [UInt8](repeating: 0, count: start) + Array(0...255)
            #expect(Base64(text: Base64(bytes).text)?.bytes == bytes)
        }
    }

    @Test(arguments: ["Z", "Zg", "Zg=", "Z===", "====", "Zg==Zg==", "Zm9v!m9v", "Zm\n9", "Zm9v=", "Zм=="])
    func `what is no base 64 is refused`(_ text: String) {
        #expect(Base64(text: text) == nil)
    }
}
