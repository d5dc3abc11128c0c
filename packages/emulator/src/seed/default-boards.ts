import type { SeedBoard, SeedItem, SeedTeam } from './seed.js'

interface BoardSketch {
  id: string
  name: string
  description: string
  notes: readonly string[]
}

const sketches: readonly BoardSketch[] = [
  {
    id: 'uXjVOD6LSME=',
    name: 'Onboarding journey',
    description: 'First week of a new customer, step by step',
    notes: [
      'Welcome mail', 'First board', 'Invite a colleague', 'Day three: silence', 'Call from support',
      'First template used', 'Where people stop', 'Idea: shorter tour', 'Idea: sample board', 'Owner of each step',
      'Numbers from March', 'Open questions', 'Next review'
    ]
  },
  {
    id: 'uXjVPa1q2wE=',
    name: 'Retrospective, sprint 42',
    description: 'What went well, what did not, what we try next',
    notes: [
      'Went well: pairing', 'Went well: small releases', 'Did not: flaky tests', 'Did not: late reviews',
      'Try: review before lunch', 'Try: one owner per bug'
    ]
  },
  {
    id: 'uXjVPb7nL0A=',
    name: 'Service blueprint',
    description: 'What the customer sees, and what happens behind it',
    notes: ['Front stage', 'Back stage', 'Hand-over', 'Waiting time', 'Failure points']
  },
  {
    id: 'uXjVPcX4r_8=',
    name: 'Roadmap, second half',
    description: 'Themes rather than dates',
    notes: ['Theme: trust', 'Theme: speed', 'Theme: teams', 'Parked']
  },
  {
    id: 'uXjVPdK9-tI=',
    name: 'Interview notes',
    description: 'Seven conversations with people who left',
    notes: ['Too many clicks', 'Could not find the board', 'Price', 'Loved the timer', 'Wanted comments by mail']
  },
  {
    id: 'uXjVPeQ3mZs=',
    name: 'Icebreakers',
    description: 'Five minutes before the meeting starts',
    notes: ['Two truths and a lie', 'Draw your morning', 'Map of home towns']
  },
  {
    id: 'uXjVPfT8yHc=',
    name: 'Architecture sketch',
    description: 'Boxes and arrows, to be argued about',
    notes: ['Browser', 'Gateway', 'Boards', 'Search', 'Queue', 'What if this one is down?']
  },
  {
    id: 'uXjVPgW2vNo=',
    name: 'Hiring plan',
    description: '',
    notes: ['Designer', 'Two engineers', 'Support, part time']
  },
  {
    id: 'uXjVPhZ6dRY=',
    name: 'Brand workshop',
    description: 'Words we use and words we do not',
    notes: ['Calm', 'Clear', 'Not cute', 'Harbour blue', 'Photographs, no icons']
  },
  {
    id: 'uXjVPiB1fTk=',
    name: 'Exhibition layout',
    description: 'The floor plan, one note per wall',
    notes: ['Entrance', 'Long wall', 'Film room', 'Shop', 'Exit through the garden']
  },
  {
    id: 'uXjVPjE5gUw=',
    name: 'Client feedback, round 2',
    description: 'Comments from Thursday',
    notes: ['Logo larger', 'Logo smaller', 'More air', 'They like page four']
  },
  {
    id: 'uXjVPkH7hVg=',
    name: 'Packing list',
    description: 'For the fair in June',
    notes: ['Stand', 'Lamps', 'Tape', 'More tape']
  }
]

/** The twelve default boards: eight in the first team that has members, four in the last. */
export function defaultBoards (teams: readonly SeedTeam[]): readonly SeedBoard[] {
  const withMembers = teams.filter((team) => team.members.length > 0)
  return sketches.flatMap((sketch, index) => {
    const team = index < 8 ? withMembers[0] : withMembers.at(-1)
    const ownerId = team?.members[index % team.members.length]
    if (team === undefined || ownerId === undefined) return []
    const { notes, ...board } = sketch
    return [{ ...board, teamId: team.id, ownerId, items: notes.map(toItem) }]
  })
}

function toItem (content: string, index: number): SeedItem {
  return { type: index === 0 ? 'text' : index % 5 === 4 ? 'shape' : 'sticky_note', content }
}
