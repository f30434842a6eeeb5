;; The loops over packet bytes. Words are summed as they lie, little-endian and at any alignment; the end swaps the
;; bytes of the sum, which RFC 1071 section 2 (B) allows. A sum of 16-bit words cannot overflow 64 bits.
(module
  (import "arena" "memory" (memory 2))

  ;; Folds to 16 bits with end-around carry, swaps, and adds to the partial sum.
  (func $finish (param $words i64) (param $sum i32) (result i32)
    (local $low i32)
    (local.set $words (i64.add (i64.and (local.get $words) (i64.const 0xffffffff)) (i64.shr_u (local.get $words) (i64.const 32))))
    (local.set $words (i64.add (i64.and (local.get $words) (i64.const 0xffff)) (i64.shr_u (local.get $words) (i64.const 16))))
    (local.set $words (i64.add (i64.and (local.get $words) (i64.const 0xffff)) (i64.shr_u (local.get $words) (i64.const 16))))
    (local.set $low (i32.wrap_i64 (i64.add (i64.and (local.get $words) (i64.const 0xffff)) (i64.shr_u (local.get $words) (i64.const 16)))))
    (local.set $words (i64.add
      (i64.extend_i32_u (local.get $sum))
      (i64.extend_i32_u (i32.or
        (i32.shl (i32.and (local.get $low) (i32.const 0xff)) (i32.const 8))
        (i32.shr_u (local.get $low) (i32.const 8))))))
    (i32.wrap_i64 (i64.add (local.get $words) (i64.shr_u (local.get $words) (i64.const 32)))))

  ;; The four 32-bit lanes of a register, added.
  (func $lanes (param $v v128) (result i64)
    (i64.add
      (i64.add (i64.extend_i32_u (i32x4.extract_lane 0 (local.get $v))) (i64.extend_i32_u (i32x4.extract_lane 1 (local.get $v))))
      (i64.add (i64.extend_i32_u (i32x4.extract_lane 2 (local.get $v))) (i64.extend_i32_u (i32x4.extract_lane 3 (local.get $v))))))

  (func (export "checksum") (param $at i32) (param $length i32) (param $sum i32) (result i32)
    (local $words i64) (local $end i32) (local $stop i32)
    (local $a v128) (local $b v128)
    (local.set $end (i32.add (local.get $at) (local.get $length)))
    ;; 64 bytes a round. A lane grows by less than 2^19 a round: after 4,096 rounds the lanes are emptied.
    (loop $chunk
      (if (i32.ge_u (i32.sub (local.get $end) (local.get $at)) (i32.const 64))
        (then
          (local.set $stop (i32.sub (local.get $end) (i32.const 64)))
          (if (i32.gt_u (i32.sub (local.get $stop) (local.get $at)) (i32.const 0x3ffc0))
            (then (local.set $stop (i32.add (local.get $at) (i32.const 0x3ffc0)))))
          (local.set $a (v128.const i32x4 0 0 0 0))
          (local.set $b (v128.const i32x4 0 0 0 0))
          (loop $round
            (local.set $a (i32x4.add (local.get $a) (i32x4.extadd_pairwise_i16x8_u (v128.load (local.get $at)))))
            (local.set $b (i32x4.add (local.get $b) (i32x4.extadd_pairwise_i16x8_u (v128.load offset=16 (local.get $at)))))
            (local.set $a (i32x4.add (local.get $a) (i32x4.extadd_pairwise_i16x8_u (v128.load offset=32 (local.get $at)))))
            (local.set $b (i32x4.add (local.get $b) (i32x4.extadd_pairwise_i16x8_u (v128.load offset=48 (local.get $at)))))
            (local.set $at (i32.add (local.get $at) (i32.const 64)))
            (br_if $round (i32.le_u (local.get $at) (local.get $stop))))
          (local.set $words (i64.add (local.get $words) (i64.add (call $lanes (local.get $a)) (call $lanes (local.get $b)))))
          (br $chunk))))
    (local.set $length (i32.sub (local.get $end) (local.get $at)))
    (local.set $stop (i32.sub (local.get $end) (i32.and (local.get $length) (i32.const 3))))
    (block $rest
      (loop $word
        (br_if $rest (i32.ge_u (local.get $at) (local.get $stop)))
        (local.set $words (i64.add (local.get $words) (i64.load32_u (local.get $at))))
        (local.set $at (i32.add (local.get $at) (i32.const 4)))
        (br $word)))
    (if (i32.and (local.get $length) (i32.const 2))
      (then
        (local.set $words (i64.add (local.get $words) (i64.load16_u (local.get $at))))
        (local.set $at (i32.add (local.get $at) (i32.const 2)))))
    (if (i32.and (local.get $length) (i32.const 1))
      (then (local.set $words (i64.add (local.get $words) (i64.load8_u (local.get $at))))))
    (call $finish (local.get $words) (local.get $sum)))

  (func (export "copyAndChecksum") (param $to i32) (param $at i32) (param $length i32) (param $sum i32) (result i32)
    (local $words i64) (local $end i32) (local $stop i32) (local $w i64)
    (local $a v128) (local $b v128) (local $u v128) (local $v v128)
    (local.set $end (i32.add (local.get $at) (local.get $length)))
    (loop $chunk
      (if (i32.ge_u (i32.sub (local.get $end) (local.get $at)) (i32.const 32))
        (then
          (local.set $stop (i32.sub (local.get $end) (i32.const 32)))
          (if (i32.gt_u (i32.sub (local.get $stop) (local.get $at)) (i32.const 0x3ffe0))
            (then (local.set $stop (i32.add (local.get $at) (i32.const 0x3ffe0)))))
          (local.set $a (v128.const i32x4 0 0 0 0))
          (local.set $b (v128.const i32x4 0 0 0 0))
          (loop $round
            (local.set $u (v128.load (local.get $at)))
            (local.set $v (v128.load offset=16 (local.get $at)))
            (v128.store (local.get $to) (local.get $u))
            (v128.store offset=16 (local.get $to) (local.get $v))
            (local.set $a (i32x4.add (local.get $a) (i32x4.extadd_pairwise_i16x8_u (local.get $u))))
            (local.set $b (i32x4.add (local.get $b) (i32x4.extadd_pairwise_i16x8_u (local.get $v))))
            (local.set $at (i32.add (local.get $at) (i32.const 32)))
            (local.set $to (i32.add (local.get $to) (i32.const 32)))
            (br_if $round (i32.le_u (local.get $at) (local.get $stop))))
          (local.set $words (i64.add (local.get $words) (i64.add (call $lanes (local.get $a)) (call $lanes (local.get $b)))))
          (br $chunk))))
    (local.set $length (i32.sub (local.get $end) (local.get $at)))
    (local.set $stop (i32.sub (local.get $end) (i32.and (local.get $length) (i32.const 3))))
    (block $rest
      (loop $word
        (br_if $rest (i32.ge_u (local.get $at) (local.get $stop)))
        (local.set $w (i64.load32_u (local.get $at)))
        (i64.store32 (local.get $to) (local.get $w))
        (local.set $words (i64.add (local.get $words) (local.get $w)))
        (local.set $at (i32.add (local.get $at) (i32.const 4)))
        (local.set $to (i32.add (local.get $to) (i32.const 4)))
        (br $word)))
    (if (i32.and (local.get $length) (i32.const 2))
      (then
        (local.set $w (i64.load16_u (local.get $at)))
        (i64.store16 (local.get $to) (local.get $w))
        (local.set $words (i64.add (local.get $words) (local.get $w)))
        (local.set $at (i32.add (local.get $at) (i32.const 2)))
        (local.set $to (i32.add (local.get $to) (i32.const 2)))))
    (if (i32.and (local.get $length) (i32.const 1))
      (then
        (local.set $w (i64.load8_u (local.get $at)))
        (i64.store8 (local.get $to) (local.get $w))
        (local.set $words (i64.add (local.get $words) (local.get $w)))))
    (call $finish (local.get $words) (local.get $sum)))
)
