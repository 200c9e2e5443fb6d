import { expect, test } from 'vitest'
import { inJavaHashOrder } from '../../../src/format/java-hash-order.ts'

/** Keys as they were put into a HashMap of OpenJDK 17, and its keySet(): below and above what the first tables hold, and keys of one hash. */
const WALKED: readonly (readonly [put: string, walked: string])[] = [
  ['s1.t_11xoé', 's1.t_11xoé'],
  ['s0.t_1o7wé,s1.t_1f4e,s1.t_22kp,s0.t_ui6,s0.t_akw', 's0.t_akw,s0.t_1o7wé,s0.t_ui6,s1.t_22kp,s1.t_1f4e'],
  ['s0.t_1wlré,s1.t_1x6m,s0.t_135e,s0.t_tjb,s1.t_xw4,s0.t_1ngb,s2.t_1buc,s0.t_suwé,s0.t_12fn,s0.t_1o8p,s1.t_1dar,s0.t_cq4', 's0.t_tjb,s1.t_1x6m,s2.t_1buc,s0.t_1wlré,s1.t_1dar,s0.t_135e,s0.t_suwé,s0.t_cq4,s0.t_1o8p,s1.t_xw4,s0.t_1ngb,s0.t_12fn'],
  ['s1.t_diaé,s0.t_hxe,s2.t_11ps,s0.t_1o7z,s1.t_1lej,s1.t_18z5,s1.t_fxo,s0.t_41pé,s0.t_1i56,s1.t_zuc,s0.t_8x9,s0.t_183p,s1.t_12zh', 's1.t_1lej,s0.t_8x9,s0.t_1o7z,s1.t_fxo,s2.t_11ps,s1.t_18z5,s0.t_41pé,s1.t_zuc,s0.t_1i56,s1.t_12zh,s0.t_183p,s0.t_hxe,s1.t_diaé'],
  ['s0.t_1rwté,s2.t_121l,s2.t_2x,s2.t_77n,s1.t_vd8,s0.t_12d4,s2.t_1dos,s0.t_20p9é,s1.t_9py,s1.t_1tyu,s0.t_136q,s1.t_ips,s1.t_aht,s2.t_ahq,s1.t_1qcyé,s1.t_syp,s1.t_8s5,s0.t_24nz,s1.t_1h4n,s0.t_22ie,s0.t_12ek,s1.t_1tvvé,s2.t_12u2,s1.t_9jf', 's1.t_9py,s1.t_1tyu,s0.t_136q,s0.t_22ie,s2.t_12u2,s1.t_vd8,s1.t_syp,s2.t_1dos,s2.t_121l,s1.t_1tvvé,s0.t_1rwté,s0.t_24nz,s1.t_aht,s0.t_12d4,s0.t_20p9é,s1.t_1h4n,s1.t_ips,s2.t_77n,s1.t_8s5,s1.t_1qcyé,s0.t_12ek,s2.t_ahq,s1.t_9jf,s2.t_2x'],
  ['BB.x,Aa.x,a.AaBB,a.BBAa,a.AaAa,zz', 'a.AaBB,a.BBAa,a.AaAa,zz,BB.x,Aa.x'],
]

test.each(WALKED)('keys are walked as in a HashMap of Java: %s', (put, walked) => {
  expect(inJavaHashOrder(put.split(','), (key) => key).join()).toBe(walked)
})
