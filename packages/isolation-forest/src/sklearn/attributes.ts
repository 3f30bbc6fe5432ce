/** The attributes of an object in a file, each taken by its name and with its type; nothing else of it is looked at. */
import { ForestError } from '../errors.ts';
import { NumpyArray, numbersOf } from './ndarray.ts';
import { type PyDict, PyFloat, type PyObject, PySequence, type PyValue } from './pickle-values.ts';

/** Longest text that is taken, in characters. */
const LONGEST_TEXT = 1000;

/** The attributes of one object. */
export interface Attributes {
  /** Whose they are, for messages: `tree 3`. */
  readonly owner: string;
  /** Where in the stream the object was made. */
  readonly offset: number;
  readonly values: PyDict;
}

/** @throws {ForestError} `BAD_MODEL`, as all functions here, if the object has no attributes. */
export function attributesOf(object: PyObject, owner: string): Attributes {
  const { state, offset } = object;
  if (state instanceof Map) return { owner, offset, values: state };
  throw new ForestError('BAD_MODEL', `${owner} has no attributes`, { offset });
}

/** The error that something about the object is wrong; `what` goes on after its name. */
export function badModel({ owner, offset }: Attributes, what: string): ForestError {
  return new ForestError('BAD_MODEL', `${owner} ${what}`, { offset });
}

/** An attribute that must be there, whatever it is. */
export function attributeOf(attributes: Attributes, name: string): PyValue {
  const value = attributes.values.get(name);
  if (value === undefined) throw badModel(attributes, `has no ${name}`);
  return value;
}

export function textOf(attributes: Attributes, name: string): string {
  const value = attributeOf(attributes, name);
  if (typeof value === 'string' && value.length <= LONGEST_TEXT) return value;
  throw wrongType(attributes, name, 'a text', value);
}

export function booleanOf(attributes: Attributes, name: string): boolean {
  const value = attributeOf(attributes, name);
  if (typeof value === 'boolean') return value;
  throw wrongType(attributes, name, 'true or false', value);
}

/** An int from 1 to 2^53. */
export function countOf(attributes: Attributes, name: string): number {
  const value = attributeOf(attributes, name);
  if (typeof value === 'number' && value >= 1) return value;
  throw wrongType(attributes, name, 'a positive integer', value);
}

/** A finite float, or an int. */
export function numberOf(attributes: Attributes, name: string): number {
  const value = attributeOf(attributes, name);
  const number = value instanceof PyFloat ? value.value : value;
  if (typeof number === 'number' && Number.isFinite(number)) return number;
  throw wrongType(attributes, name, 'a finite number', value);
}

export function arrayOf(attributes: Attributes, name: string): NumpyArray {
  const value = attributeOf(attributes, name);
  if (value instanceof NumpyArray) return value;
  throw wrongType(attributes, name, 'an array', value);
}

/** Numbers of an array that must have `length` of them. */
export function numbersIn(attributes: Attributes, name: string, length: number): Float64Array {
  const array = arrayOf(attributes, name);
  if (array.size === length) return numbersOf(array);
  throw badModel(attributes, `has ${array.size} numbers in ${name}, not ${length}`);
}

export function sequenceOf(attributes: Attributes, name: string, kind: PySequence['kind']): readonly PyValue[] {
  const value = attributeOf(attributes, name);
  if (value instanceof PySequence && value.kind === kind) return value.items;
  throw wrongType(attributes, name, `a ${kind}`, value);
}

/** The error that an attribute is not what it must be. */
export function wrongType(attributes: Attributes, name: string, allowed: string, value: PyValue): ForestError {
  return badModel(attributes, `must have ${allowed} as ${name}, got ${shown(value)}`);
}

function shown(value: PyValue): string {
  if (value === null) return 'None';
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 80));
  if (value instanceof PyFloat) return Number.isInteger(value.value) ? value.value.toFixed(1) : String(value.value);
  if (value instanceof PySequence) return `a ${value.kind}`;
  return typeof value === 'object' ? 'an object' : String(value);
}
