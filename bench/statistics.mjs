// What benchmarks do with their numbers.

export function median(values) {
    const sorted = [...values].sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)];
}

/** The value that this part of all are below. */
export function percentile(values, part) {
    return [...values].sort((a, b) => a - b)[Math.floor(values.length * part)];
}

export function print(record) {
    console.log(JSON.stringify(record));
}
