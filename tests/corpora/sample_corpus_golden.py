#!/usr/bin/env python3
"""Checks with independent software (gensim, numpy) that the sample corpus teaches what its ground truth says.

    sample_corpus_golden.py CONEC_SAMPLE_CORPUS [--seed 1] [--threads 2]

Generates the corpus, trains gensim's CBOW (d=100, window 5, 13 negatives, 5 epochs, rate 0.05) on its sentences and
measures, with input vectors W1 and ConEc vectors (the average over a word's occurrences of the sum of the unit-length
W1 rows of the words within 5 on both sides):
  neighbours   share of the 5 nearest words (W1) of a category's nouns that are nouns of that category
  invented     share of invented words for which most of the 10 nearest words (global ConEc vectors, count >= 20) of
               the local ConEc vector are nouns of the right category
  senses       share of held-out documents in which the local ConEc vector of the ambiguous word is nearer to the
               centroid of the right category
  analogies    share of questions that 3CosAdd answers
Exit code 77 (skipped) without gensim; 1 if a figure is below its bound.
"""
import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile

try:
    import numpy as np
    from gensim.models import Word2Vec
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

BOUNDS = {"neighbours": 0.85, "invented": 0.9, "senses": 0.9, "analogies": 0.6}
WINDOW = 5


def sentences_of(text):
    """Lower-cased tokens without punctuation, a list per sentence."""
    parts = re.split(r"(?<=[.!?])\"?\s+|\n", text)
    tokens = [re.findall(r"[a-z]+(?:'[a-z]+)?|\d+(?:[.,]\d+)*", part.lower()) for part in parts]
    return [t for t in tokens if t]


def unit(rows):
    return rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-12)


class Contexts:
    """Sums of the unit-length input vectors around words."""

    def __init__(self, model):
        self.index = model.wv.key_to_index
        self.table = unit(model.wv.vectors.astype(np.float64))

    def window_sums(self, tokens):
        ids = [self.index.get(t, -1) for t in tokens]
        rows = np.array([self.table[i] if i >= 0 else np.zeros(self.table.shape[1]) for i in ids])
        cumulative = np.vstack([np.zeros(rows.shape[1]), np.cumsum(rows, axis=0)])
        at = np.arange(len(ids))
        last = np.minimum(at + WINDOW + 1, len(ids))
        return cumulative[last] - cumulative[np.maximum(at - WINDOW, 0)] - rows

    def global_vectors(self, sentences):
        sums = np.zeros_like(self.table)
        for tokens in sentences:
            known = [t for t in tokens if t in self.index]
            np.add.at(sums, [self.index[t] for t in known], self.window_sums(known))
        return unit(sums)

    def local_vector(self, word, sentences):
        total = np.zeros(self.table.shape[1])
        for tokens in sentences:
            kept = [t for t in tokens if t in self.index or t == word]
            for at, sums in zip(kept, self.window_sums(kept)):
                total += sums if at == word else 0
        return unit(total)


def category_words(category):
    return set(category["words"]) | set(category["plurals"])


def measure_neighbours(model, truth):
    precisions = {}
    for category in truth["categories"]:
        members = category_words(category) | set(category["ambiguous"])
        words = [w for w in category["words"] if w in model.wv]
        hits = [sum(n in members for n, _ in model.wv.most_similar(w, topn=5)) / 5 for w in words]
        precisions[category["name"]] = float(np.mean(hits))
        print(f"  {category['name']:12} {precisions[category['name']]:.3f}")
    return float(np.mean(list(precisions.values())))


def measure_invented(contexts, global_vectors, model, truth, folder):
    members = {c["name"]: category_words(c) | set(c["ambiguous"]) for c in truth["categories"]}
    frequent = [i for i, w in enumerate(model.wv.index_to_key) if model.wv.get_vecattr(w, "count") >= 20]
    right = []
    for invented in truth["invented"]:
        document = sentences_of((folder / invented["file"]).read_text())
        scores = global_vectors[frequent] @ contexts.local_vector(invented["word"], document)
        nearest = [model.wv.index_to_key[frequent[i]] for i in np.argsort(-scores)[:10]]
        hits = sum(w in members[invented["category"]] for w in nearest)
        right.append(hits > 5)
        if hits <= 5:
            print(f"  {invented['word']} ({invented['category']}): {hits} of {nearest}")
    return float(np.mean(right))


def measure_senses(contexts, global_vectors, truth, folder):
    centroids = {c["name"]: unit(sum(global_vectors[contexts.index[w]] for w in c["words"] if w in contexts.index))
                 for c in truth["categories"]}
    right = []
    for word in truth["ambiguous"]:
        for sense in word["senses"]:
            vector = contexts.local_vector(word["word"], sentences_of((folder / sense["file"]).read_text()))
            best = max(word["senses"], key=lambda s: vector @ centroids[s["category"]])
            right.append(best is sense)
            if best is not sense:
                print(f"  {word['word']} in {sense['file']} looks like {best['category']}")
    return float(np.mean(right))


def measure_analogies(model, folder):
    score, sections = model.wv.evaluate_word_analogies(str(folder / "questions.txt"), restrict_vocab=30000)
    for section in sections[:-1]:
        total = len(section["correct"]) + len(section["incorrect"])
        print(f"  {section['section']:30} {len(section['correct']) / max(total, 1):.3f} of {total}")
    return score


def measure(folder, seed, threads):
    truth = json.loads((folder / "ground_truth.json").read_text())
    sentences = sentences_of((folder / "text.txt").read_text())
    model = Word2Vec(sentences, vector_size=100, window=WINDOW, negative=13, epochs=5, alpha=0.05, sg=0, sample=0,
                     min_count=5, seed=seed, workers=threads)
    contexts = Contexts(model)
    global_vectors = contexts.global_vectors(sentences)
    return {"neighbours": measure_neighbours(model, truth),
            "invented": measure_invented(contexts, global_vectors, model, truth, folder),
            "senses": measure_senses(contexts, global_vectors, truth, folder),
            "analogies": measure_analogies(model, folder)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        subprocess.run([arguments.program, "--output", name, "--seed", str(arguments.seed)], check=True)
        figures = measure(pathlib.Path(name), arguments.seed, arguments.threads)
    failed = [key for key, bound in BOUNDS.items() if not figures[key] >= bound]
    for key, value in figures.items():
        print(f"{key:12} {value:.4f}  at least {BOUNDS[key]}{'  FAILED' if key in failed else ''}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
