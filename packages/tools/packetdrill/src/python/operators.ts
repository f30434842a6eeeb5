import { order } from './order.ts';
import {
  isSame,
  itemsOf,
  numberOf,
  percentFormat,
  PythonError,
  PythonList,
  PythonSet,
  textOf,
  type PythonValue,
} from './values.ts';

export function compare(operator: string, left: PythonValue, right: PythonValue): boolean {
  switch (operator) {
    case '<':
      return isOrdered(left, right) < 0;
    case '>':
      return isOrdered(left, right) > 0;
    case '<=':
      return isOrdered(left, right) <= 0;
    case '>=':
      return isOrdered(left, right) >= 0;
    case '==':
    case 'is':
      return isSame(left, right);
    case '!=':
    case '<>':
    case 'is not':
      return !isSame(left, right);
    default:
      return isIn(left, right) === (operator === 'in');
  }
}

function isIn(left: PythonValue, right: PythonValue): boolean {
  if (typeof right === 'string') return right.includes(textOf(left));
  return itemsOf(right).some((item) => isSame(item, left));
}

function isOrdered(left: PythonValue, right: PythonValue): number {
  return order(left, right);
}

export function operate(operator: string, left: PythonValue, right: PythonValue): PythonValue {
  if (typeof left === 'string' && operator === '%') return percentFormat(left, right);
  if (operator === '+' && typeof left === 'string' && typeof right === 'string') return left + right;
  if (operator === '+' && left instanceof PythonList) return new PythonList([...left.items, ...itemsOf(right)]);
  if (operator === '*' && typeof left === 'string') return left.repeat(Math.max(0, numberOf(right)));
  if (operator === '*' && left instanceof PythonList) {
    return new PythonList(Array.from({ length: numberOf(right) }, () => left.items).flat());
  }
  if (left instanceof PythonSet && right instanceof PythonSet) return combined(operator, left, right);
  return calculate(operator, numberOf(left), numberOf(right));
}

/** Of sets. */
function combined(operator: string, left: PythonSet, right: PythonSet): PythonSet {
  const isInRight = (item: PythonValue): boolean => isIn(item, right);
  if (operator === '|') return new PythonSet([...left.items, ...right.items]);
  if (operator === '&') return new PythonSet(left.items.filter(isInRight));
  if (operator === '-') return new PythonSet(left.items.filter((item) => !isInRight(item)));
  throw new PythonError(`sets have no '${operator}'`);
}

function calculate(operator: string, a: number, b: number): number {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / divisor(b);
    case '//':
      return Math.floor(a / divisor(b));
    case '%':
      return a - b * Math.floor(a / divisor(b));
    case '**':
      return a ** b;
    case '<<':
      return a * 2 ** b;
    case '>>':
      return Math.floor(a / 2 ** b);
    default:
      return bits(operator, a, b);
  }
}

function divisor(b: number): number {
  if (b === 0) throw new PythonError('division by zero');
  return b;
}

/** Numbers may have more than 32 bits. */
function bits(operator: string, a: number, b: number): number {
  const [left, right] = [BigInt(a), BigInt(b)];
  if (operator === '|') return Number(left | right);
  return Number(operator === '&' ? left & right : left ^ right);
}
