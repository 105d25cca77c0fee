import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeText } from '../../../src/scrape/fetch/charset.ts'

// "한국어" in EUC-KR, "中文" in GBK, "Größe" in ISO 8859-1, "Привет" in windows-1251, "日本" in Shift_JIS.
const written = {
  'euc-kr': { bytes: [0xc7, 0xd1, 0xb1, 0xb9, 0xbe, 0xee], text: '한국어' },
  gbk: { bytes: [0xd6, 0xd0, 0xce, 0xc4], text: '中文' },
  'iso-8859-1': { bytes: [0x47, 0x72, 0xf6, 0xdf, 0x65], text: 'Größe' },
  'windows-1251': { bytes: [0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2], text: 'Привет' },
  shift_jis: { bytes: [0x93, 0xfa, 0x96, 0x7b], text: '日本' },
} as const

const page = (before: string, bytes: readonly number[]): Uint8Array =>
  Buffer.concat([Buffer.from(before), Uint8Array.from(bytes)])

for (const [charset, { bytes, text }] of Object.entries(written)) {
  test(`${charset} is read by what the header says, and by what the page says where the header is silent`, () => {
    assert.equal(decodeText(Uint8Array.from(bytes), `text/html; charset=${charset}`), text)
    assert.equal(decodeText(Uint8Array.from(bytes), `text/html;CHARSET="${charset.toUpperCase()}"`), text)
    const ways = [
      `<meta charset="${charset}">`,
      `<meta charset=${charset}>`,
      `<meta http-equiv="Content-Type" content="text/html; charset=${charset}">`,
      `<?xml version="1.0" encoding='${charset}'?>`,
    ]
    for (const way of ways) assert.equal(decodeText(page(way, bytes), 'text/html'), way + text)
  })
}

test('the header wins over the page, and the byte order mark over both', () => {
  const { bytes, text } = written['euc-kr']
  const lie = '<meta charset="utf-8">'
  assert.equal(decodeText(page(lie, bytes), 'text/html; charset=euc-kr'), lie + text)
  assert.equal(decodeText(page('\uFEFFÜ', []), 'text/html; charset=iso-8859-1'), 'Ü')
  assert.equal(decodeText(Uint8Array.from([0xff, 0xfe, 0x41, 0x00]), 'text/html; charset=utf-8'), 'A')
  assert.equal(decodeText(Uint8Array.from([0xfe, 0xff, 0x00, 0x41]), ''), 'A')
})

test('a charset that does not exist counts as not given; text always comes out', () => {
  assert.equal(decodeText(Buffer.from('ü'), 'text/html; charset=utf-7'), 'ü')
  assert.equal(decodeText(Buffer.from('ü'), 'text/html; charset=none'), 'ü')
  assert.equal(decodeText(Buffer.from('<meta charset="utf-16">ü'), ''), '<meta charset="utf-16">ü')
  assert.equal(decodeText(Uint8Array.from([0x61, 0xff, 0x62]), ''), 'a\uFFFDb')
  assert.equal(decodeText(new Uint8Array(), ''), '')
})

test('a page made to slow the search for its charset down does not', () => {
  for (const piece of ['<meta ', '<meta charset', '<?xml ', ' ', '<meta charset=']) {
    assert.equal(decodeText(Buffer.from(piece.repeat(200_000)), piece.repeat(10_000)).length, piece.length * 200_000)
  }
})
