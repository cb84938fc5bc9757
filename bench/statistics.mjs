// What benchmarks do with their numbers.

export function median(values) {
    const sorted = [...values].sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)];
}

export function print(record) {
    console.log(JSON.stringify(record));
}
